"""Addresses of duplicates and merges."""

from django.urls import URLPattern, path

from contacts.duplicates import bulk_views, views

urlpatterns: list[URLPattern] = [
    path("duplicates/", views.overview, name="duplicates"),
    path("duplicates/search/", views.look, name="duplicates-search"),
    path("duplicates/progress/", views.progress, name="duplicates-progress"),
    path("duplicates/merged/", views.merged, name="duplicates-merged"),
    path("duplicates/apart/", views.apart, name="duplicates-apart"),
    path("duplicates/<int:pair_id>/apart/", views.keep_apart, name="duplicate-apart"),
    path("duplicates/<int:pair_id>/reopen/", views.reopen, name="duplicate-reopen"),
    path("duplicates/merges/<int:merge_id>/undo/", views.undo, name="merge-undo"),
    path("duplicates/many/", bulk_views.choose, name="duplicates-many"),
    path("duplicates/jobs/<int:job_id>/", bulk_views.job, name="duplicates-job"),
    path("duplicates/jobs/<int:job_id>/cancel/", bulk_views.cancel, name="duplicates-job-cancel"),
    path("duplicates/jobs/<int:job_id>/undo/", bulk_views.undo, name="duplicates-job-undo"),
    path("duplicates/compare/<int:contact_id>/<int:other_id>/", views.compare, name="merge"),
]
