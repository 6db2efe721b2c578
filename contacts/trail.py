"""What the trail knows of people and what is known of them. Consent, events and versions have their own history."""

from django.utils.translation import gettext_lazy as _

from contacts.account_roles.models import AccountRole
from contacts.acts.models import BulkAct
from contacts.attributes.models import Attribute
from contacts.commerce.models import Order, OrderRefund, Product
from contacts.duplicates.models import DuplicateMerge
from contacts.files.models import KeptFile
from contacts.files.queries import visible_files
from contacts.habits.models import ActivityLimits
from contacts.hooks.models import Hook
from contacts.identity.models import Merge
from contacts.imports.models import ImportJob, ImportSource
from contacts.lists.models import ContactTag, FixedList, ListMember, Tag
from contacts.notes.models import Note
from contacts.notes.queries import visible_notes
from contacts.people.models import Account, Contact, PeopleExport
from contacts.scoring.models import ScoreModel, ScoreRule
from contacts.segments.models import ByHand, Segment
from contacts.stages.models import Stage, StageModel, StageRule
from contacts.topics.models import Topic
from crm.team.models import User
from crm.team.permissions import Action
from crm.team.trail.kinds import Kind, Table

WORK = ("state", "due_at", "lease_until", "fence", "attempts", "last_error")
_DERIVED = ("created_at", "updated_at", "version", "sort_key")
_BUILT = ("members", "filled_at", "built_at", "flipped_to")
_READ = (
    "file_size",
    "encoding",
    "delimiter",
    "newline",
    "has_header",
    "header",
    "sample",
    "refused_columns",
    "time_zone",
)
_COUNTED = (
    "data_offset", "data_line", "staged_offset", "staged_line", "rows_read", "rows_kept", "merged_line", "rows_new",
    "rows_changed", "rows_unchanged", "finished_at",
)  # fmt: skip
_ACTED = ("position", "people", "seen", "changed", "undone", "kept", "finished_at", "undo_until", "undone_by_id")
_CALLED = ("failing_since", "failures", "rest_until")
_MERGED = ("step", "upto", "position", "total", "merged", "skipped")


def _person_is_visible(user: User, contact_id: int) -> bool:
    return Contact.objects.visible_to(user).filter(pk=contact_id).exists()


def _order_is_visible(user: User, order_id: int) -> bool:
    return Order.objects.filter(pk=order_id, contact__in=Contact.objects.visible_to(user)).exists()


def _act_is_visible(user: User, act_id: int) -> bool:
    return BulkAct.objects.visible_to(user).filter(pk=act_id).exists()


def _note_is_visible(user: User, note_id: int) -> bool:
    return visible_notes(user).filter(pk=note_id).exists()


def _file_is_visible(user: User, file_id: int) -> bool:
    return visible_files(user).filter(pk=file_id).exists()


_PERSON = Kind(
    "contact",
    _("Person"),
    Action.CONTACT_VIEW,
    tables=(
        Table(
            Contact,
            labels=("name", "email", "phone"),
            left_out=(*_DERIVED, "search_text", "email_key", "stage_since", "stage_by_hand"),
            spread="attributes",
        ),
        Table(ContactTag, id="contact_id", labels=(), part="tag", left_out=("at",)),
        Table(ListMember, id="contact_id", labels=(), part="list", left_out=("at",)),
        Table(ByHand, id="contact_id", labels=(), part="segment", left_out=("at", "by_id")),
        Table(Merge, id="winner_id", labels=(), part="merge", left_out=("at", "by_id", "moved", "bulk_id")),
    ),
    url_name="contacts:person",
    visible=_person_is_visible,
)
_ACCOUNT = Kind(
    "account",
    _("Account"),
    Action.CONTACT_VIEW,
    tables=(Table(Account, left_out=(*_DERIVED, "name_key"), spread="attributes"),),
    url_name="contacts:account",
)
_SEGMENT = Kind(
    "segment",
    _("Segment"),
    Action.SEGMENT_VIEW,
    tables=(
        Table(
            Segment,
            left_out=(*_BUILT, "reads", "version", "state", "problem", "created_by_id", "created_at", "changed_at"),
        ),
    ),
    url_name="contacts:segment",
)
_SETTINGS = (
    Kind(
        "list",
        _("List"),
        Action.CONTACT_VIEW,
        (Table(FixedList, left_out=("version", "created_by_id", "created_at")),),
        "contacts:list",
    ),
    Kind("topic", _("Topic"), Action.TOPIC_EDIT, (Table(Topic),), "admin:contacts_topic_change"),
    Kind("tag", _("Tag"), Action.CONTACT_VIEW, (Table(Tag),)),
    Kind(
        "attribute",
        _("Attribute"),
        Action.ATTRIBUTE_EDIT,
        (Table(Attribute, labels=("label", "key"), left_out=("created_at", "sort_ready_at")),),
        "contacts:attribute",
    ),
    Kind("account_role", _("Role in accounts"), Action.ACCOUNT_ROLES, (Table(AccountRole),), "contacts:account-role"),
    Kind("product", _("Product"), Action.CONTACT_VIEW, (Table(Product, left_out=("created_at",)),), "contacts:product"),
    Kind(
        "order",
        _("Order"),
        Action.CONTACT_VIEW,
        (
            Table(Order, labels=("key",)),
            Table(OrderRefund, id="order_id", labels=(), part="refund", left_out=("at", "by_id")),
        ),
        "contacts:order",
        visible=_order_is_visible,
    ),
    # What a note said stands in its own history; neither that nor the name of a file is copied here.
    Kind(
        "note",
        _("Note"),
        Action.CONTACT_VIEW,
        (Table(Note, labels=(), left_out=("text", "at", "by_id", "edited_at")),),
        "contacts:note",
        visible=_note_is_visible,
    ),
    Kind(
        "file",
        _("File"),
        Action.CONTACT_VIEW,
        (Table(KeptFile, labels=(), left_out=("name", "stored", "at", "by_id", "type")),),
        "contacts:file",
        visible=_file_is_visible,
    ),
    Kind(
        "stage_model",
        _("Set of stages"),
        Action.STAGE_EDIT,
        (Table(StageModel, left_out=("sweep_from", "swept_at", "stays_until")),),
        "contacts:stage-models",
        by_id=False,
    ),
    Kind(
        "stage",
        _("Stage"),
        Action.STAGE_EDIT,
        (Table(Stage), Table(StageRule, id="stage_id", labels=(), part="rule", left_out=("version",))),
        "contacts:stage-rule",
    ),
    Kind(
        "score_model",
        _("Lead scores"),
        Action.REPORT_VIEW,
        (
            Table(ScoreModel, left_out=("anchor", "version")),
            Table(ScoreRule, id="model_id", part="rule", left_out=("version",)),
        ),
        "contacts:score-rules",
        by_id=False,
    ),
    Kind(
        "activity_limits",
        _("Activity and buyers"),
        Action.SCORE_EDIT,
        (Table(ActivityLimits, labels=(), left_out=("version",)),),
        "contacts:habits",
        by_id=False,
    ),
    Kind(
        "webhook",
        _("Webhook"),
        Action.WEBHOOK_EDIT,
        (
            Table(
                Hook,
                left_out=("version", "created_at", "since", "old_salt", "old_until", *_CALLED),
                secret=("salt",),
            ),
        ),
        "contacts:webhook",
    ),
)
_JOBS = (
    Kind(
        "act",
        _("Change of many"),
        Action.CONTACT_EDIT,
        tables=(Table(BulkAct, labels=("verb",), left_out=(*WORK, *_ACTED, "ticked", "by_id", "created_at")),),
        url_name="contacts:act",
        visible=_act_is_visible,
    ),
    Kind(
        "import",
        _("Import"),
        Action.CONTACT_IMPORT,
        tables=(
            Table(
                ImportJob,
                labels=("file_name",),
                left_out=(*WORK, *_READ, *_COUNTED, "file", "preview", "created_by_id", "created_at", "started_at"),
            ),
        ),
        url_name="contacts:import",
    ),
    Kind(
        "import_source",
        _("Import from an address"),
        Action.CONTACT_IMPORT,
        tables=(
            Table(
                ImportSource,
                labels=("url",),
                left_out=(*WORK[1:], "header", "tag", "failures", "fetched_at", "created_by_id", "created_at"),
                secret=("header_value",),
            ),
        ),
        url_name="contacts:import_sources",
        by_id=False,
    ),
    Kind(
        "export",
        _("Export of people"),
        Action.CONTACT_EXPORT,
        (Table(PeopleExport, labels=("reason",), left_out=("at", "by_id")),),
    ),
    Kind(
        "merge_job",
        _("Merging of duplicates"),
        Action.CONTACT_MERGE_MANY,
        tables=(
            Table(
                DuplicateMerge,
                labels=(),
                left_out=(*WORK, *_MERGED, "created_by_id", "created_at", "finished_at"),
            ),
        ),
        url_name="contacts:duplicates-job",
    ),
)
CONTACT_KINDS = (_PERSON, _ACCOUNT, _SEGMENT, *_SETTINGS, *_JOBS)
