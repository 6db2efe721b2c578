"""Addresses of people and accounts."""

from django.urls import URLPattern, path

from contacts.people.views import account_page, accounts, editing, handing_over, in_place, listing, past, person

urlpatterns: list[URLPattern] = [
    path("people/", listing.people, name="people"),
    path("people/count/", listing.count, name="people-count"),
    path("people/hand-over/<int:user_id>/", handing_over.page, name="hand-over"),
    path("people/new/", editing.add, name="person-add"),
    path("people/<int:contact_id>/", person.show, name="person"),
    path("people/<int:contact_id>/edit/", editing.edit, name="person-edit"),
    path("people/<int:contact_id>/timeline/", past.of_person, name="person-timeline"),
    path("people/<int:contact_id>/field/<slug:name>/", in_place.of_person, name="person-field"),
    path("people/<int:contact_id>/more/", person.more, name="person-more"),
    path("people/<int:contact_id>/orders/", person.orders, name="person-orders"),
    path("people/<int:contact_id>/care/", person.care, name="person-care"),
    path("people/<int:contact_id>/note/", person.add_note, name="person-note"),
    path("people/<int:contact_id>/owner/", person.set_owner, name="person-owner"),
    path("people/<int:contact_id>/stage/", person.set_stage, name="person-stage"),
    path("people/<int:contact_id>/tag/", person.add_tag, name="person-tag"),
    path("people/<int:contact_id>/tag/<int:tag_id>/remove/", person.remove_tag, name="person-untag"),
    path("people/<int:contact_id>/exclude/", person.exclude, name="person-exclude"),
    path("people/<int:contact_id>/consent/", person.record_consent, name="person-consent"),
    path("people/<int:contact_id>/topics/", person.choose_topics, name="person-topics"),
    path("accounts/", accounts.account_list, name="accounts"),
    path("accounts/new/", accounts.add, name="account-add"),
    path("accounts/<int:account_id>/", account_page.account, name="account"),
    path("accounts/<int:account_id>/timeline/", past.of_account, name="account-timeline"),
    path("accounts/<int:account_id>/field/<slug:name>/", in_place.of_account, name="account-field"),
    path("accounts/<int:account_id>/orders/", account_page.orders, name="account-orders"),
    path("accounts/<int:account_id>/note/", account_page.add_note, name="account-note"),
    path("accounts/<int:account_id>/edit/", accounts.edit, name="account-edit"),
]
