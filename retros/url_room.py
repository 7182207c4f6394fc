"""URLs of the room."""

from django.urls import path

from retros.live import stream
from retros.views import closing, notes, room, room_facts, room_walk

urlpatterns = [
    path("e/<str:code>/room/", room.room_detail, name="room_detail"),
    path("e/<str:code>/room/stream/", stream.room_stream, name="room_stream"),
    path("e/<str:code>/room/poll/", stream.room_poll, name="room_poll"),
    path("e/<str:code>/room/start/", room.room_start, name="room_start"),
    path("e/<str:code>/room/step/", room.room_step, name="room_step"),
    path("e/<str:code>/room/pause/", room.room_pause, name="room_pause"),
    path("e/<str:code>/room/extend/", room.room_extend, name="room_extend"),
    path("e/<str:code>/room/end/", room.room_end, name="room_end"),
    path("e/<str:code>/room/reopen/", room.room_reopen, name="room_reopen"),
    path("e/<str:code>/room/cursor/<int:pk>/", room.room_cursor, name="room_cursor"),
    path("e/<str:code>/room/goto/", room_walk.room_goto, name="room_goto"),
    path("e/<str:code>/room/walk/", room_walk.room_walk, name="room_walk"),
    path("e/<str:code>/room/facts/<slug:slug>/add/", room_facts.room_fact, name="room_fact_new"),
    path("e/<str:code>/room/facts/<slug:slug>/<int:pk>/", room_facts.room_fact, name="room_fact"),
    path("e/<str:code>/room/moments/", room_walk.room_moments, name="room_moments"),
    path("e/<str:code>/room/moments/add/", room_walk.room_moment, name="room_moment"),
    path("e/<str:code>/room/moments/<int:pk>/", room_walk.room_look, name="room_look"),
    path("e/<str:code>/room/moments/<int:pk>/edit/", room_walk.room_moment_edit, name="room_moment_edit"),
    path("e/<str:code>/room/moments/<int:pk>/differ/", room_walk.room_differ, name="room_differ"),
    path("e/<str:code>/room/notes/add/", notes.note_add, name="note_add"),
    path("e/<str:code>/room/notes/<int:pk>/remove/", notes.note_remove, name="note_remove"),
    path("e/<str:code>/room/agree/", room.room_agree, name="room_agree"),
    path("e/<str:code>/room/close/", closing.room_close_answer, name="room_close_answer"),
    path("e/<str:code>/room/attend/", room.room_attend, name="room_attend"),
    path("e/<str:code>/room/text/<slug:slug>/", room.room_text, name="room_text"),
]
