"""Addresses of segments."""

from django.urls import URLPattern, path

from contacts.segments.views import acting, asking_why, deciding, editing, listing, live, overlapping, showing

urlpatterns: list[URLPattern] = [
    path("segments/", listing.overview, name="segments"),
    path("segments/new/", editing.add, name="segment-add"),
    path("segments/live/", live.nothing, name="segment-live"),
    path("segments/live/check/", live.check, name="segment-live-check"),
    path("segments/live/people/", live.people, name="segment-live-people"),
    path("segments/live/overlap/", live.overlap, name="segment-live-overlap"),
    path("segments/suggest/", live.suggest, name="segment-suggest"),
    path("segments/schema.json", live.published_schema, name="segment-schema"),
    path("segments/<int:segment_id>/", showing.show, name="segment"),
    path("segments/<int:segment_id>/edit/", editing.edit, name="segment-edit"),
    path("segments/<int:segment_id>/people/", showing.people, name="segment-people"),
    path("segments/<int:segment_id>/why/", asking_why.page, name="segment-why"),
    path("segments/<int:segment_id>/overlap/", overlapping.page, name="segment-overlap"),
    path("segments/<int:segment_id>/versions/", showing.versions, name="segment-versions"),
    path("segments/<int:segment_id>/versions/<int:number>/restore/", deciding.restore, name="segment-restore"),
    path("segments/<int:segment_id>/progress/", showing.progress, name="segment-progress"),
    path("segments/<int:segment_id>/sizes.csv", showing.sizes_csv, name="segment-sizes"),
    path("segments/<int:segment_id>/rule.json", showing.as_json, name="segment-json"),
    path("segments/<int:segment_id>/hand/", deciding.by_hand, name="segment-hand"),
    path("segments/<int:segment_id>/act/", acting.act, name="segment-act"),
    path("segments/<int:segment_id>/acts/", acting.progress, name="segment-acts"),
    path("segments/<int:segment_id>/rebuild/", deciding.rebuild, name="segment-rebuild"),
    path("segments/<int:segment_id>/stop/", deciding.stop, name="segment-stop"),
    path("segments/<int:segment_id>/delete/", deciding.delete, name="segment-delete"),
]
