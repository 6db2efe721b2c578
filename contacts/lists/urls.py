"""Addresses of lists and tags."""

from django.urls import URLPattern, path

from contacts.lists import views

urlpatterns: list[URLPattern] = [
    path("lists/", views.overview, name="lists"),
    path("lists/new/", views.add, name="list-add"),
    path("lists/<int:list_id>/", views.show, name="list"),
    path("lists/<int:list_id>/edit/", views.edit, name="list-edit"),
    path("lists/<int:list_id>/delete/", views.delete, name="list-delete"),
    path("lists/<int:list_id>/remove/", views.remove, name="list-remove"),
    path("tags/new/", views.add_tag, name="tag-add"),
    path("tags/<int:tag_id>/rename/", views.rename_tag, name="tag-rename"),
    path("tags/<int:tag_id>/delete/", views.delete_tag, name="tag-delete"),
]
