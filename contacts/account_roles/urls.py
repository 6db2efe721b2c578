"""Addresses of the roles in accounts."""

from django.urls import URLPattern, path

from contacts.account_roles import views

urlpatterns: list[URLPattern] = [
    path("settings/roles/", views.overview, name="account-roles"),
    path("settings/roles/<int:role_id>/", views.edit, name="account-role"),
    path("settings/roles/<int:role_id>/up/", views.up, name="account-role-up"),
    path("settings/roles/<int:role_id>/delete/", views.delete, name="account-role-delete"),
]
