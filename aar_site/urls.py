"""The only file that mounts the wings."""

from django.urls import include, path

from aar_site.health import views

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("aar_site.people.urls")),
    path("", include("retros.urls")),
    path("", include("actions.urls")),
]
