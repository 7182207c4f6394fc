"""URLs of causes, factors and what went well."""

from django.urls import path

from retros.views import analysis, well

urlpatterns = [
    path("e/<str:code>/analysis/", analysis.analysis_detail, name="analysis_detail"),
    path("e/<str:code>/analysis/well/<int:pk>/luck/", well.luck_answer, name="luck_answer"),
    path("e/<str:code>/analysis/<slug:slug>/add/", analysis.analysis_add, name="analysis_add"),
    path("e/<str:code>/analysis/<slug:slug>/none/", analysis.analysis_none, name="analysis_none"),
    path("e/<str:code>/analysis/<slug:slug>/form/", analysis.analysis_form, name="analysis_form_new"),
    path("e/<str:code>/analysis/<slug:slug>/<int:pk>/form/", analysis.analysis_form, name="analysis_form"),
    path("e/<str:code>/analysis/<slug:slug>/<int:pk>/edit/", analysis.analysis_edit, name="analysis_edit"),
    path("e/<str:code>/analysis/<slug:slug>/<int:pk>/remove/", analysis.analysis_remove, name="analysis_remove"),
    path("e/<str:code>/analysis/<slug:slug>/<int:pk>/restore/", analysis.analysis_restore, name="analysis_restore"),
]
