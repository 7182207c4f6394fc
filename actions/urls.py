"""URLs of this wing; each name is also the name of its view and its template."""

from django.urls import path

from actions.views import carried, demo, event, lists, moves

urlpatterns = [
    path("", lists.home, name="home"),
    path("setup/demo/", demo.demo_setup, name="demo_setup"),
    path("actions/", lists.action_list, name="action_list"),
    path("actions/export.csv", lists.action_export, name="action_export"),
    path("actions/<int:pk>/", moves.action_detail, name="action_detail"),
    path("actions/<int:pk>/edit/", moves.action_edit, name="action_edit"),
    path("actions/<int:pk>/form/", moves.action_form, name="action_form"),
    path("actions/<int:pk>/commit/", moves.action_commit, name="action_commit"),
    path("actions/<int:pk>/take-back/", moves.action_take_back, name="action_take_back"),
    path("actions/<int:pk>/decide/", moves.action_decide, name="action_decide"),
    path("actions/<int:pk>/<slug:move>/", moves.action_move, name="action_move"),
    path("e/<str:code>/actions/", event.event_actions, name="event_actions"),
    path("e/<str:code>/actions/add/", event.action_add, name="action_add"),
    path("e/<str:code>/actions/line/", event.action_line, name="action_line"),
    path("e/<str:code>/actions/carried/<int:pk>/<slug:move>/", carried.carried_move, name="carried_move"),
    path("e/<str:code>/actions/none/", event.action_none, name="action_none"),
]
