"""URLs of events, their people and their accounts."""

from django.urls import path

from retros.views import accounts, events, kinds, people, schedule

urlpatterns = [
    path("events/", events.event_list, name="event_list"),
    path("events/new/", events.event_new, name="event_new"),
    path("e/<str:code>/", events.event_detail, name="event_detail"),
    path("e/<str:code>/edit/", events.event_edit, name="event_edit"),
    path("e/<str:code>/edit/intervals/add/", events.interval_add, name="interval_add"),
    path("e/<str:code>/edit/intervals/<int:pk>/", events.interval_edit, name="interval_edit"),
    path("e/<str:code>/edit/intervals/<int:pk>/remove/", events.interval_remove, name="interval_remove"),
    path("e/<str:code>/edit/figures/add/", events.figure_add, name="figure_add"),
    path("e/<str:code>/edit/figures/<int:pk>/", events.figure_edit, name="figure_edit"),
    path("e/<str:code>/edit/figures/<int:pk>/remove/", events.figure_remove, name="figure_remove"),
    path("e/<str:code>/edit/<slug:slug>/add/", kinds.part_add, name="part_add"),
    path("e/<str:code>/edit/<slug:slug>/<int:pk>/", kinds.part_edit, name="part_edit"),
    path("e/<str:code>/edit/<slug:slug>/<int:pk>/remove/", kinds.part_remove, name="part_remove"),
    path("e/<str:code>/schedule/", schedule.event_schedule, name="event_schedule"),
    path("e/<str:code>/meeting.ics", schedule.event_calendar, name="event_calendar"),
    path("e/<str:code>/no-review/", events.event_decline, name="event_decline"),
    path("e/<str:code>/take-up/", events.event_take_up, name="event_take_up"),
    path("e/<str:code>/facilitator/", people.event_facilitator, name="event_facilitator"),
    path("e/<str:code>/people/", people.member_list, name="member_list"),
    path("e/<str:code>/people/add/", people.member_add, name="member_add"),
    path("e/<str:code>/people/<int:pk>/", people.member_edit, name="member_edit"),
    path("e/<str:code>/people/<int:pk>/remove/", people.member_remove, name="member_remove"),
    path("e/<str:code>/account/", accounts.account_edit, name="account_edit"),
    path("e/<str:code>/account/save/", accounts.account_save, name="account_save"),
    path("e/<str:code>/account/decline/", accounts.account_decline, name="account_decline"),
    path("e/<str:code>/account/take-back/", accounts.account_take_back, name="account_take_back"),
    path("e/<str:code>/accounts/remind/", accounts.account_remind, name="account_remind"),
    path("e/<str:code>/reveal/", accounts.account_reveal, name="account_reveal"),
    path("e/<str:code>/read/", accounts.account_reading, name="account_reading"),
]
