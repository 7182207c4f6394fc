"""URLs of causes: five whys and causal chain."""

from django.urls import path

from retros.views import causes

urlpatterns = [
    path("e/<str:code>/causes/add/", causes.cause_add, name="cause_add"),
    path("e/<str:code>/causes/form/", causes.cause_form, name="cause_form_new"),
    path("e/<str:code>/causes/check/", causes.cause_check, name="cause_check"),
    path("e/<str:code>/causes/evidence/", causes.cause_evidence, name="cause_evidence"),
    path("e/<str:code>/causes/unknown/", causes.cause_unknown, name="cause_unknown"),
    path("e/<str:code>/causes/order/", causes.cause_order, name="cause_order"),
    path("e/<str:code>/causes/discuss/", causes.cause_discuss, name="cause_discuss"),
    path("e/<str:code>/causes/<int:pk>/form/", causes.cause_form, name="cause_form"),
    path("e/<str:code>/causes/<int:pk>/edit/", causes.cause_edit, name="cause_edit"),
    path("e/<str:code>/causes/<int:pk>/place/", causes.cause_place, name="cause_place"),
    path("e/<str:code>/causes/<int:pk>/share/", causes.cause_share, name="cause_share"),
    path("e/<str:code>/causes/<int:pk>/remove/", causes.cause_remove, name="cause_remove"),
    path("e/<str:code>/causes/<int:pk>/restore/", causes.cause_restore, name="cause_restore"),
    path("e/<str:code>/causes/links/<int:pk>/remove/", causes.cause_link_remove, name="cause_link_remove"),
    path("e/<str:code>/causes/links/<int:pk>/restore/", causes.cause_link_restore, name="cause_link_restore"),
]
