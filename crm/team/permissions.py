"""Who may do what: one matrix of action × role → scope, asked by every page, the admin, API, exports and tags.

Deny by default: what is not written here is refused. Reads of people go on through `visible_to(user)` in contacts,
which asks `scope()`.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, NamedTuple, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from crm.team.models import Role, User


class Scope(StrEnum):
    """Whose rows an action reaches."""

    NONE = "none"
    OWN = "own"  # people the user owns, and people nobody owns
    ALL = "all"


class Action(StrEnum):
    """Everything a person can do here that not everybody may."""

    CONTACT_VIEW = "contact.view"
    CONTACT_ADD = "contact.add"
    CONTACT_EDIT = "contact.edit"
    CONTACT_IMPORT = "contact.import"
    CONTACT_EXPORT = "contact.export"
    CONTACT_DELETE = "contact.delete"
    CONTACT_ASSIGN = "contact.assign"  # give a person to another owner
    CONTACT_MERGE = "contact.merge"  # make two records one, and separate them
    CONTACT_MERGE_MANY = "contact.merge_many"
    CONSENT_RECORD = "consent.record"
    LIST_EDIT = "list.edit"
    SEGMENT_VIEW = "segment.view"
    SEGMENT_EDIT = "segment.edit"
    ATTRIBUTE_EDIT = "attribute.edit"
    TOPIC_EDIT = "topic.edit"  # the topics themselves, not who wants which
    ACCOUNT_ROLES = "account.roles"  # the roles people play in accounts, not who has which
    STAGE_EDIT = "stage.edit"  # the stages themselves, not who stands where
    SCORE_EDIT = "score.edit"
    LEAD_WORK = "lead.work"
    LEAD_TAKE = "lead.take"
    PRODUCT_EDIT = "product.edit"
    ORDER_EDIT = "order.edit"  # write an order down, cancel it
    ORDER_REFUND = "order.refund"
    TEMPLATE_VIEW = "template.view"
    TEMPLATE_EDIT = "template.edit"
    CAMPAIGN_VIEW = "campaign.view"
    CAMPAIGN_EDIT = "campaign.edit"
    CAMPAIGN_LAUNCH = "campaign.launch"
    SENDER_EDIT = "sender.edit"
    JOURNEY_VIEW = "journey.view"
    JOURNEY_EDIT = "journey.edit"
    REPORT_VIEW = "report.view"
    USER_EDIT = "user.edit"
    SETTINGS_EDIT = "settings.edit"
    HEALTH_VIEW = "health.view"
    MAILBOX_VIEW = "mailbox.view"
    TRAIL_VIEW = "trail.view"
    WEBHOOK_EDIT = "webhook.edit"


# fmt: off
# ruff: noqa: E501
_ALL, _OWN = Scope.ALL, Scope.OWN
# An admin may do everything; a column that is left out is NONE.
MATRIX: dict[Action, dict[Role, Scope]] = {
    Action.CONTACT_VIEW:    {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.CONTACT_ADD:     {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.CONTACT_EDIT:    {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.CONTACT_IMPORT:  {Role.MARKETER: _ALL},
    Action.CONTACT_EXPORT:  {Role.MARKETER: _ALL},
    Action.CONTACT_DELETE:  {},
    Action.CONTACT_ASSIGN:  {Role.MARKETER: _ALL, Role.CUSTOMER_SUCCESS: _ALL},
    Action.CONTACT_MERGE:   {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.CONTACT_MERGE_MANY: {Role.MARKETER: _ALL},
    Action.CONSENT_RECORD:  {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.LIST_EDIT:       {Role.MARKETER: _ALL},
    Action.SEGMENT_VIEW:    {Role.MARKETER: _ALL, Role.SALES_REP: _ALL, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.SEGMENT_EDIT:    {Role.MARKETER: _ALL},
    Action.ATTRIBUTE_EDIT:  {Role.MARKETER: _ALL},
    Action.TOPIC_EDIT:      {Role.MARKETER: _ALL},
    Action.ACCOUNT_ROLES:   {Role.MARKETER: _ALL},
    Action.STAGE_EDIT:      {Role.MARKETER: _ALL},
    Action.SCORE_EDIT:      {Role.MARKETER: _ALL},
    Action.LEAD_WORK:       {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.LEAD_TAKE:       {Role.SALES_REP: _OWN},
    Action.PRODUCT_EDIT:    {Role.MARKETER: _ALL},
    Action.ORDER_EDIT:      {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL},
    Action.ORDER_REFUND:    {Role.MARKETER: _ALL, Role.CUSTOMER_SUCCESS: _ALL},
    Action.TEMPLATE_VIEW:   {Role.MARKETER: _ALL, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.TEMPLATE_EDIT:   {Role.MARKETER: _ALL},
    Action.CAMPAIGN_VIEW:   {Role.MARKETER: _ALL, Role.SALES_REP: _ALL, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.CAMPAIGN_EDIT:   {Role.MARKETER: _ALL},
    Action.CAMPAIGN_LAUNCH: {Role.MARKETER: _ALL},
    Action.SENDER_EDIT:     {Role.MARKETER: _ALL},
    Action.JOURNEY_VIEW:    {Role.MARKETER: _ALL, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.JOURNEY_EDIT:    {Role.MARKETER: _ALL},
    Action.REPORT_VIEW:     {Role.MARKETER: _ALL, Role.SALES_REP: _OWN, Role.CUSTOMER_SUCCESS: _ALL, Role.ANALYST: _ALL},
    Action.USER_EDIT:       {},
    Action.SETTINGS_EDIT:   {},
    Action.TRAIL_VIEW:      {},
    Action.WEBHOOK_EDIT:    {},
    Action.HEALTH_VIEW:     {Role.MARKETER: _ALL, Role.ANALYST: _ALL},
    Action.MAILBOX_VIEW:    {Role.MARKETER: _ALL, Role.SALES_REP: _ALL, Role.CUSTOMER_SUCCESS: _ALL},
}
# fmt: on


class AdminDoor(NamedTuple):
    """What the Django admin asks for one model: the action to look, and the action to add, change or delete."""

    view: Action
    edit: Action


# The models of the admin that are open to others than admins, by "app_label.model"; the rest is for admins alone.
ADMIN_DOORS: dict[str, AdminDoor] = {
    "team.user": AdminDoor(Action.USER_EDIT, Action.USER_EDIT),
    "team.apitoken": AdminDoor(Action.USER_EDIT, Action.USER_EDIT),
    "campaigns.mailtemplate": AdminDoor(Action.TEMPLATE_VIEW, Action.TEMPLATE_EDIT),
    "campaigns.campaign": AdminDoor(Action.CAMPAIGN_VIEW, Action.CAMPAIGN_EDIT),
    "contacts.topic": AdminDoor(Action.TOPIC_EDIT, Action.TOPIC_EDIT),
    "journeys.journey": AdminDoor(Action.JOURNEY_VIEW, Action.JOURNEY_EDIT),
}


def scope(user: User | AnonymousUser, action: Action | str) -> Scope:
    """Return how far `user` may go with `action`. Raises ValueError for an action that does not exist."""
    action = Action(action)
    if not isinstance(user, User) or not user.is_active:
        return Scope.NONE
    if user.role == Role.ADMIN:
        return Scope.ALL
    return MATRIX.get(action, {}).get(Role(user.role), Scope.NONE)


def may(user: User | AnonymousUser, action: Action | str) -> bool:
    """Tell whether `user` may do `action` to anyone at all; which people is answered by `visible_to(user)`."""
    return scope(user, action) is not Scope.NONE


def allowed[**P, R: HttpResponseBase](
    action: Action | str,
) -> Callable[[Callable[Concatenate[HttpRequest, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """Guard a view: whoever may not do `action` gets the 403 page. Log-in itself is asked for by middleware."""
    wanted = Action(action)

    def guard(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R:
            require(request.user, wanted)
            return view(request, *args, **kwargs)

        guarded.action = wanted  # type: ignore[attr-defined]  # read by the test that every page is guarded
        return cast("Callable[Concatenate[HttpRequest, P], R]", guarded)

    return guard


def reader(request: HttpRequest) -> User:
    """Return the signed-in user of a guarded page (the middleware lets nobody else in)."""
    assert isinstance(request.user, User)
    return request.user


def require(user: User | AnonymousUser, action: Action | str) -> None:
    """Raise PermissionDenied with a sentence for the user when she may not do `action`."""
    if may(user, action):
        return
    role = user.get_role_display() if isinstance(user, User) else _("Guest")
    raise PermissionDenied(_("The role “%(role)s” does not include this. An admin can change roles.") % {"role": role})
