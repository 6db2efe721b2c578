"""Addresses of the page of activity and buyers."""

from django.urls import path

from contacts.habits import views

urlpatterns = [
    path("settings/activity/", views.habits, name="habits"),
    path("settings/activity/limits/", views.edit_limits, name="habits-limits"),
    path("settings/activity/rank/", views.rank_buyers, name="habits-rank"),
]
