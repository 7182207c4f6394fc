"""The only file that mounts the wings."""

from django.urls import include, path

from aar_site import views

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("", include("aar_site.people.urls")),
    path("", include("retros.urls")),
    path("", include("actions.urls")),
]
