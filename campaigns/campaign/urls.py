"""Addresses of campaigns."""

from django.urls import path

from campaigns.campaign.views import checking, doubts, drafts, live, mails, mails_of_person

urlpatterns = [
    path("campaigns/", drafts.campaign_list, name="campaigns"),
    path("campaigns/new/", drafts.new, name="campaign-new"),
    path("campaigns/audience/", drafts.audience, name="campaign-audience"),
    path("campaigns/<int:campaign_id>/", live.show, name="campaign"),
    path("campaigns/<int:campaign_id>/edit/", drafts.change, name="campaign-edit"),
    path("campaigns/<int:campaign_id>/check/", checking.check, name="campaign-check"),
    path("campaigns/<int:campaign_id>/check/<int:contact_id>/", checking.sample_mail, name="campaign-sample"),
    path("campaigns/<int:campaign_id>/launch/", checking.send_now, name="campaign-launch"),
    path("campaigns/<int:campaign_id>/schedule/", checking.schedule, name="campaign-schedule"),
    path("campaigns/<int:campaign_id>/live/", live.figures, name="campaign-live"),
    path("campaigns/<int:campaign_id>/held/<slug:choice>/", live.settle, name="campaign-settle"),
    path("campaigns/<int:campaign_id>/<slug:verb>/", live.act, name="campaign-do"),
    path("mails/in-doubt/", doubts.show, name="in-doubt"),
    path("mails/in-doubt/settle/", doubts.settle, name="in-doubt-settle"),
    path("people/<int:contact_id>/mails/", mails_of_person.of_person, name="person-mails"),
    path("mails/<int:message_id>/", mails.mail, name="mail"),
    path("mails/<int:message_id>/body/", mails.body, name="mail-body"),
]
