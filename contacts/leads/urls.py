"""Addresses of the rep's pages."""

from django.urls import path

from contacts.leads import views

urlpatterns = [
    path("leads/", views.lead_list, name="leads"),
    path("leads/unowned/", views.lead_list, {"tab": "unowned"}, name="leads-unowned"),
    path("leads/later/", views.lead_list, {"tab": "later"}, name="leads-later"),
    path("leads/add/", views.quick_add, name="lead-add"),
    path("leads/<int:contact_id>/outcome/", views.outcome, name="lead-outcome"),
    path("leads/<int:contact_id>/take/", views.take_lead, name="lead-take"),
]
