"""Addresses of files."""

from django.urls import URLPattern, path

from contacts.files import views

urlpatterns: list[URLPattern] = [
    path("people/<int:contact_id>/files/", views.of_person, name="person-files"),
    path("people/<int:contact_id>/file/", views.add_to_person, name="person-file"),
    path("accounts/<int:account_id>/files/", views.of_account, name="account-files"),
    path("accounts/<int:account_id>/file/", views.add_to_account, name="account-file"),
    path("files/<int:file_id>/", views.open_file, name="file"),
    path("files/<int:file_id>/delete/", views.delete, name="file-delete"),
]
