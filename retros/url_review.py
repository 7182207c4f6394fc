"""URLs of the document."""

from django.urls import path

from retros.views import review

urlpatterns = [
    path("e/<str:code>/review/", review.review_detail, name="review_detail"),
    path("e/<str:code>/review.md", review.review_markdown, name="review_markdown"),
    path("e/<str:code>/review.pdf", review.review_pdf, name="review_pdf"),
    path("e/<str:code>/review/edit/<slug:slug>/", review.section_edit, name="section_edit"),
    path("e/<str:code>/review/publish/", review.review_publish, name="review_publish"),
    path("e/<str:code>/review/state/", review.review_state, name="review_state"),
]
