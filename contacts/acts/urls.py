"""Addresses of acts on many people."""

from django.urls import URLPattern, path

from contacts.acts import views

urlpatterns: list[URLPattern] = [
    path("people/act/", views.choose, name="people-act"),
    path("people/acts/", views.overview, name="acts"),
    path("people/acts/<int:act_id>/", views.show, name="act"),
    path("people/acts/<int:act_id>/stop/", views.stop, name="act-stop"),
    path("people/acts/<int:act_id>/undo/", views.undo, name="act-undo"),
]
