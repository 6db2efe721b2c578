"""What each action of the permission matrix is called, under the headings of the page of roles."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.team.permissions import Action

HEADINGS: tuple[tuple[Any, tuple[tuple[Action, Any], ...]], ...] = (
    (
        _("People"),
        (
            (Action.CONTACT_VIEW, _("See people and accounts")),
            (Action.CONTACT_ADD, _("Add people")),
            (Action.CONTACT_EDIT, _("Change people and accounts, write notes")),
            (Action.CONTACT_ASSIGN, _("Give people to another owner")),
            (Action.CONTACT_MERGE, _("Merge duplicates, one by one")),
            (Action.CONTACT_MERGE_MANY, _("Merge many duplicates at once")),
            (Action.CONTACT_IMPORT, _("Import files")),
            (Action.CONTACT_EXPORT, _("Take people out as a file")),
            (Action.CONTACT_DELETE, _("Erase people")),
            (Action.CONSENT_RECORD, _("Write down consent and refusals")),
            (Action.LIST_EDIT, _("Change lists and tags")),
            (Action.ORDER_EDIT, _("Write down and cancel orders")),
            (Action.ORDER_REFUND, _("Note refunds")),
            (Action.LEAD_WORK, _("Work on leads")),
            (Action.LEAD_TAKE, _("Take leads that nobody has")),
        ),
    ),
    (
        _("Segments and scores"),
        (
            (Action.SEGMENT_VIEW, _("See segments")),
            (Action.SEGMENT_EDIT, _("Change segments")),
            (Action.SCORE_EDIT, _("Change scores and ranks")),
            (Action.STAGE_EDIT, _("Change the stages and their rules")),
            (Action.REPORT_VIEW, _("See reports")),
        ),
    ),
    (
        _("Messages"),
        (
            (Action.TEMPLATE_VIEW, _("See mail templates")),
            (Action.TEMPLATE_EDIT, _("Change mail templates")),
            (Action.CAMPAIGN_VIEW, _("See campaigns")),
            (Action.CAMPAIGN_EDIT, _("Change campaigns")),
            (Action.CAMPAIGN_LAUNCH, _("Send campaigns, and settings of sending")),
            (Action.SENDER_EDIT, _("Change senders")),
            (Action.JOURNEY_VIEW, _("See journeys")),
            (Action.JOURNEY_EDIT, _("Change and publish journeys")),
        ),
    ),
    (
        _("Set-up"),
        (
            (Action.ATTRIBUTE_EDIT, _("Define attributes")),
            (Action.TOPIC_EDIT, _("Change the topics of mails")),
            (Action.ACCOUNT_ROLES, _("Define roles in accounts")),
            (Action.PRODUCT_EDIT, _("Change products")),
            (Action.USER_EDIT, _("Invite, change and lock out users")),
            (Action.SETTINGS_EDIT, _("Change settings of the company")),
            (Action.TRAIL_VIEW, _("Read the trail")),
            (Action.WEBHOOK_EDIT, _("Set up webhooks")),
            (Action.HEALTH_VIEW, _("See whether everything runs")),
            (Action.MAILBOX_VIEW, _("Look into the local mailbox")),
        ),
    ),
)
