"""Addresses of the webhooks."""

from django.urls import URLPattern, path

from contacts.hooks import views

_ONE = "settings/webhooks/<int:hook_id>/"
urlpatterns: list[URLPattern] = [
    path("settings/webhooks/", views.overview, name="webhooks"),
    path("settings/webhooks/new/", views.new, name="webhook-new"),
    path(_ONE, views.webhook, name="webhook"),
    path(f"{_ONE}edit/", views.edit, name="webhook-edit"),
    path(f"{_ONE}secret/", views.secret, name="webhook-secret"),
    path(f"{_ONE}pause/", views.pause, name="webhook-pause"),
    path(f"{_ONE}go-on/", views.go_on, name="webhook-go-on"),
    path(f"{_ONE}test/", views.send_test, name="webhook-test"),
    path(f"{_ONE}delete/", views.delete, name="webhook-delete"),
    path(f"{_ONE}replay/", views.replay, name="webhook-replay"),
    path(f"{_ONE}deliveries/<int:delivery_id>/replay/", views.replay_one, name="webhook-replay-one"),
]
