"""Address of the settings of notices."""

from django.urls import path

from campaigns.notices import views

urlpatterns = [path("settings/consent-notices/", views.page, name="consent-notices")]
