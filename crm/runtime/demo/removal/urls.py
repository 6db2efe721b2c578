"""The page on which the demo data is removed."""

from django.urls import path

from crm.runtime.demo.removal import views

urlpatterns = [path("", views.page, name="demo")]
