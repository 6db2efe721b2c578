"""Addresses of personal data and erasures."""

from django.urls import URLPattern, path

from contacts.privacy.views import erasing, giving

urlpatterns: list[URLPattern] = [
    path("people/<int:contact_id>/data/", giving.show, name="person-data"),
    path("people/<int:contact_id>/data/file/", giving.download, name="person-data-file"),
    path("people/<int:contact_id>/erase/", erasing.ask, name="person-erase"),
    path("erasures/", erasing.listing, name="erasures"),
    path("erasures/<int:erasure_id>/", erasing.certificate, name="erasure"),
]
