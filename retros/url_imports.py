"""URLs of records that are brought into the timeline."""

from django.urls import path

from retros.views import imports

urlpatterns = [
    path("e/<str:code>/timeline/import/", imports.import_new, name="import_new"),
    path("e/<str:code>/timeline/import/<int:pk>/", imports.import_choose, name="import_choose"),
    path("e/<str:code>/timeline/import/<int:pk>/check/", imports.import_check, name="import_check"),
    path("e/<str:code>/timeline/import/<int:pk>/add/", imports.import_add, name="import_add"),
    path("e/<str:code>/timeline/import/<int:pk>/drop/", imports.import_drop, name="import_drop"),
    path("e/<str:code>/timeline/imported/<int:pk>/", imports.imported_detail, name="imported_detail"),
    path("e/<str:code>/timeline/imported/<int:pk>/stop/", imports.imported_stop, name="imported_stop"),
    path("e/<str:code>/timeline/imported/<int:pk>/undo/", imports.imported_undo, name="imported_undo"),
    path("e/<str:code>/timeline/imported/<int:pk>/redo/", imports.imported_redo, name="imported_redo"),
]
