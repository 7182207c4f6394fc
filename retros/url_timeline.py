"""URLs of the timeline."""

from django.urls import path

from retros.views import timeline

urlpatterns = [
    path("e/<str:code>/timeline/", timeline.timeline_detail, name="timeline_detail"),
    path("e/<str:code>/timeline/add/", timeline.entry_add, name="entry_add"),
    path("e/<str:code>/timeline/<int:pk>/", timeline.entry_edit, name="entry_edit"),
    path("e/<str:code>/timeline/<int:pk>/remove/", timeline.entry_remove, name="entry_remove"),
    path("e/<str:code>/timeline/<int:pk>/restore/", timeline.entry_restore, name="entry_restore"),
    path("e/<str:code>/timeline/<int:pk>/key/", timeline.entry_key, name="entry_key"),
    path("e/<str:code>/timeline/<int:pk>/move/", timeline.entry_move, name="entry_move"),
    path("e/<str:code>/timeline/<int:pk>/t-zero/", timeline.entry_t_zero, name="entry_t_zero"),
]
