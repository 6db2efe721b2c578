"""Addresses of people and accounts."""

from django.urls import URLPattern, path

from contacts.people.views import account_page, accounts, editing, listing, person

urlpatterns: list[URLPattern] = [
    path("people/", listing.people, name="people"),
    path("people/new/", editing.add, name="person-add"),
    path("people/export/", listing.take_out, name="people-export"),
    path("people/<int:contact_id>/", person.show, name="person"),
    path("people/<int:contact_id>/edit/", editing.edit, name="person-edit"),
    path("people/<int:contact_id>/timeline/", person.older, name="person-timeline"),
    path("people/<int:contact_id>/note/", person.add_note, name="person-note"),
    path("people/<int:contact_id>/owner/", person.set_owner, name="person-owner"),
    path("people/<int:contact_id>/stage/", person.set_stage, name="person-stage"),
    path("people/<int:contact_id>/tag/", person.add_tag, name="person-tag"),
    path("people/<int:contact_id>/tag/<int:tag_id>/remove/", person.remove_tag, name="person-untag"),
    path("people/<int:contact_id>/exclude/", person.exclude, name="person-exclude"),
    path("people/<int:contact_id>/consent/", person.record_consent, name="person-consent"),
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/new/", accounts.add, name="account-add"),
    path("accounts/<int:account_id>/", account_page.account, name="account"),
    path("accounts/<int:account_id>/timeline/", account_page.timeline, name="account-timeline"),
    path("accounts/<int:account_id>/field/<slug:name>/", account_page.field, name="account-field"),
    path("accounts/<int:account_id>/edit/", accounts.edit, name="account-edit"),
]
