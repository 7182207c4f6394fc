"""URLs of the reviews wing, by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("retros.url_events")),
    path("", include("retros.url_timeline")),
    path("", include("retros.url_imports")),
    path("", include("retros.url_analysis")),
    path("", include("retros.url_causes")),
    path("", include("retros.url_room")),
    path("", include("retros.url_review")),
]
