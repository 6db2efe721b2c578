"""The address in confirmation mails."""

from django.urls import path

from contacts.opt_in.views import opt_in

urlpatterns = [path("agree/<str:token>", opt_in, name="opt_in")]
