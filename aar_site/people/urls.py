"""URLs of this wing; each name is also the name of its view and its template."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
