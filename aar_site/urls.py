"""The only file that mounts the wings."""

from django.urls import include, path

from aar_site.health import views
from aar_site.outbox import views as outbox

handler500 = "aar_site.busy.server_error"
urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("settings/mail/", outbox.settings_mail, name="settings_mail"),
    path("settings/mail/<int:pk>/again/", outbox.mail_again, name="mail_again"),
    path("", include("aar_site.people.urls")),
    path("", include("retros.urls")),
    path("", include("actions.urls")),
]
