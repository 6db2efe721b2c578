"""Addresses of the settings of attributes."""

from django.urls import URLPattern, path

from contacts.attributes import views

urlpatterns: list[URLPattern] = [
    path("settings/attributes/", views.overview, name="attributes"),
    path("settings/attributes/<int:attribute_id>/", views.edit, name="attribute"),
    path("settings/attributes/<int:attribute_id>/retire/", views.retire, name="attribute-retire"),
    path("settings/attributes/<int:attribute_id>/sort/", views.sort, name="attribute-sort"),
    path("settings/attributes/<int:attribute_id>/delete/", views.delete, name="attribute-delete"),
]
