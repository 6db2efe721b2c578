"""Address of the settings of sending."""

from django.urls import path

from campaigns.limits import views

urlpatterns = [path("settings/sending/", views.sending, name="sending-settings")]
