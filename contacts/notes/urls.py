"""Addresses of notes; those that add one stand with people and accounts."""

from django.urls import URLPattern, path

from contacts.notes import views

urlpatterns: list[URLPattern] = [
    path("colleagues/", views.colleagues, name="colleagues"),
    path("notes/<int:note_id>/", views.show, name="note"),
    path("notes/<int:note_id>/edit/", views.edit, name="note-edit"),
    path("notes/<int:note_id>/delete/", views.delete, name="note-delete"),
]
