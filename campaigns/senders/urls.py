"""Addresses of senders."""

from django.urls import path

from campaigns.senders import views

urlpatterns = [
    path("senders/", views.sender_list, name="senders"),
    path("senders/new/", views.edit, name="sender-new"),
    path("senders/<int:sender_id>/", views.edit, name="sender"),
    path("senders/<int:sender_id>/test/", views.test, name="sender-test"),
    path("senders/<int:sender_id>/ask/", views.ask_again, name="sender-ask"),
    path("senders/confirm/<str:token>", views.sender_confirm, name="sender_confirm"),
]
