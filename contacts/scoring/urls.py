"""Addresses of the score pages."""

from django.urls import path

from contacts.scoring import views

urlpatterns = [
    path("people/<int:contact_id>/points/", views.give_points, name="person-points"),
    path("settings/scores/", views.rule_list, name="score-rules"),
    path("settings/scores/model/", views.edit_model, name="score-model"),
    path("settings/scores/add/", views.edit_rule, name="score-rule-add"),
    path("settings/scores/<int:rule_id>/", views.edit_rule, name="score-rule"),
    path("settings/scores/<int:rule_id>/delete/", views.delete_rule, name="score-rule-delete"),
]
