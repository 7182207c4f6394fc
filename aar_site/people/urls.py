"""URLs of signing in, the first start, people, teams, services and the own profile.

Of allauth only the views that are used are mounted; its sign-up stands here because its own views name it, and is closed.
"""

from allauth.account import views as account
from django.urls import path, re_path

from aar_site.people import views
from aar_site.people.views import forgetting, refusing

urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("in/", refusing(account.login), name="account_login"),
    path("in/code/", refusing(account.request_login_code), name="account_request_login_code"),
    path("in/code/confirm/", refusing(account.confirm_login_code), name="account_confirm_login_code"),
    path("in/out/", forgetting(account.logout), name="account_logout"),
    path("in/closed/", account.signup, name="account_signup"),
    path("in/inactive/", account.account_inactive, name="account_inactive"),
    path("in/demo/", views.demo_sign_in, name="demo_sign_in"),
    path("in/again/", refusing(account.reauthenticate), name="account_reauthenticate"),
    path("in/password/", refusing(account.password_change), name="account_change_password"),
    path("in/password/set/", refusing(account.password_set), name="account_set_password"),
    path("in/password/reset/", refusing(account.password_reset), name="account_reset_password"),
    path("in/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^in/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        refusing(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "in/password/reset/kept/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/people/", views.settings_people, name="settings_people"),
    path("settings/people/add/", views.person_add, name="person_add"),
    path("settings/people/<int:pk>/", views.person_edit, name="person_edit"),
    path("settings/people/<int:pk>/active/", views.person_active, name="person_active"),
    path("settings/teams/", views.settings_teams, name="settings_teams"),
    path("settings/teams/add/", views.team_edit, name="team_add"),
    path("settings/teams/<int:pk>/", views.team_edit, name="team_edit"),
    path("settings/services/", views.settings_services, name="settings_services"),
    path("settings/services/add/", views.service_edit, name="service_add"),
    path("settings/services/<int:pk>/", views.service_edit, name="service_edit"),
    path("settings/services/<int:pk>/remove/", views.service_remove, name="service_remove"),
]
