"""URLs of the timeline."""

from django.urls import path

from retros.views import disputes, hints, timeline

urlpatterns = [
    path("e/<str:code>/timeline/", timeline.timeline_detail, name="timeline_detail"),
    path("e/<str:code>/timeline/add/", timeline.entry_add, name="entry_add"),
    path("e/<str:code>/timeline/export.csv", timeline.timeline_export, name="timeline_export"),
    path("e/<str:code>/timeline/removed/", timeline.timeline_removed, name="timeline_removed"),
    path("e/<str:code>/timeline/<int:pk>/", timeline.entry_edit, name="entry_edit"),
    path("e/<str:code>/timeline/<int:pk>/history/", timeline.entry_history, name="entry_history"),
    path("e/<str:code>/timeline/<int:pk>/remove/", timeline.entry_remove, name="entry_remove"),
    path("e/<str:code>/timeline/<int:pk>/restore/", timeline.entry_restore, name="entry_restore"),
    path("e/<str:code>/timeline/<int:pk>/key/", timeline.entry_key, name="entry_key"),
    path("e/<str:code>/timeline/<int:pk>/move/", timeline.entry_move, name="entry_move"),
    path("e/<str:code>/timeline/<int:pk>/t-zero/", timeline.entry_t_zero, name="entry_t_zero"),
    path("e/<str:code>/timeline/look-again/", hints.hint_list, name="hint_list"),
    path("e/<str:code>/timeline/look-again/mend/", hints.hint_mend, name="hint_mend"),
    path("e/<str:code>/timeline/look-again/undo/", hints.hint_undo, name="hint_undo"),
    path("e/<str:code>/timeline/look-again/answer/", hints.hint_answer, name="hint_answer"),
    path("e/<str:code>/timeline/look-again/<int:pk>/ask/", hints.hint_ask_again, name="hint_ask_again"),
    path("e/<str:code>/timeline/<int:pk>/differently/", disputes.recollection_add, name="recollection_add"),
    path("e/<str:code>/timeline/views/<int:pk>/", disputes.recollection_edit, name="recollection_edit"),
    path("e/<str:code>/timeline/views/<int:pk>/remove/", disputes.recollection_remove, name="recollection_remove"),
    path("e/<str:code>/timeline/disputes/<int:pk>/", disputes.dispute_decide, name="dispute_decide"),
    path("e/<str:code>/timeline/disputes/<int:pk>/reopen/", disputes.dispute_reopen, name="dispute_reopen"),
]
