"""What the builder's scripts say, in the reader's language. One row is one text; {names} are filled by the script."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.ledger.kinds import KINDS

WORDS: dict[str, str | Promise] = {
    # groups
    "mode": _("How the conditions are joined"),
    "mode_all": _("All of these"),
    "mode_any": _("Any of these"),
    "mode_none": _("None of these"),
    "joint_all": _("and"),
    "joint_any": _("or"),
    "joint_none": _("nor"),
    "empty_rule": _("No condition yet: this would be everyone. Add the first one."),
    "empty_group": _("This group is empty. Add a condition, or drag one here."),
    "add_condition": _("Add a condition"),
    "add_group": _("Add a group"),
    # acts
    "handle": _("Drag, or move with Alt and the arrow keys"),
    "duplicate": _("Duplicate"),
    "delete": _("Delete"),
    "more": _("More"),
    "remove": _("Remove"),
    "moved": _("Moved: place {place} of {count} in “{group}”"),
    "cannot_move": _("It cannot be moved further that way."),
    "added": _("Added"),
    "removed": _("Removed. Ctrl Z brings it back."),
    "undone": _("Undone"),
    "redone": _("Done again"),
    "copied": _("Copied as JSON"),
    "no_clipboard": _("The browser lends no clipboard here. Use “The rule as JSON” below."),
    "json_wrong": _("This is no rule in JSON."),
    # picker
    "behaviour": _("Behaviour"),
    "special": _("More"),
    "nothing_found": _("Nothing of that name. Try another word."),
    # a condition on a field
    "change_field": _("{field}: choose something else"),
    "field_gone": _("does not exist any more. Choose another one, or delete the condition."),
    "unknown_leaf": _("This condition is not known. Delete it, or edit the JSON."),
    "comparison": _("Comparison"),
    "value": _("Value"),
    "zone": _("Whose time zone"),
    "remove_value": _("Remove {value}"),
    "type_or_choose": _("Type or choose"),
    "choose": _("Choose"),
    "from": _("From"),
    "to": _("To"),
    "and": _("and"),
    "or": _("or"),
    "how_many": _("How many"),
    "unit": _("Unit"),
    "time_of_day": _("Time of day (optional)"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
    "weeks": _("weeks"),
    "months": _("months"),
    "years": _("years"),
    # behaviour
    "event": _("What happened"),
    "how_often": _("How often"),
    "times_at_least": _("at least"),
    "times_at_most": _("at most"),
    "times_exactly": _("exactly"),
    "times_between": _("between"),
    "times_never": _("never"),
    "times_first": _("for the very first time"),
    "times": _("times"),
    "measured": _("Measured"),
    "by_sum": _("the total of"),
    "by_average": _("the average of"),
    "by_smallest": _("the smallest"),
    "by_largest": _("the largest"),
    "by_first": _("the first"),
    "by_last": _("the last"),
    "by_distinct": _("how many different"),
    "amount": _("Amount"),
    "property": _("Property"),
    "about": _("which"),
    "where": _("only where"),
    "and_where": _("and where"),
    "add_subject": _("Only some: {name}"),
    "add_filter": _("Only where …"),
    "note_at_most": _("Also true for people who never did it."),
    "note_never": _("True for people who did not do it, also for those of whom nothing is known."),
    # when
    "when": _("When"),
    "which": _("Which time"),
    "first_time": _("the first"),
    "last_time": _("the last"),
    "window_ever": _("at any time"),
    "window_last": _("in the last"),
    "window_ago": _("so long ago: between"),
    "window_more_than_ago": _("longer ago than"),
    "window_before": _("before"),
    "window_after": _("after"),
    "window_between": _("between two dates"),
    "window_since_stage": _("since the stage was entered"),
    "window_since": _("since something else happened"),
    "window_after_creation": _("until so long after they were added:"),
    "window_calendar": _("In a calendar period"),
    "window_dates": _("By date"),
    "window_other": _("Since"),
    # sequence
    "sequence": _("A sequence of events"),
    "sequence_hint": _("Did one thing, then another within a time, then not a third"),
    "step_first": _("First"),
    "then": _("Then"),
    "then_did": _("then"),
    "then_did_not": _("then not"),
    "within": _("within"),
    "add_step": _("Add a step"),
    "remove_step": _("Remove this step"),
    # people of the account
    "colleagues": _("People of the same account"),
    "colleagues_hint": _("Anyone or everyone of the account matches a rule"),
    "colleagues_any": _("Anyone of the account"),
    "colleagues_every": _("Everyone of the account"),
    "colleagues_at_least": _("At least so many of the account:"),
    "colleagues_match": _("matches:"),
    "note_colleagues": _("Never true for people without an account."),
    # live
    "no_answer": _("No answer. Change something, or reload the page."),
}


def words() -> dict[str, str]:
    """Return all texts in the active language."""
    return {key: str(text) for key, text in WORDS.items()}


# Icons that the scripts clone, besides those of event kinds.
_ICONS = (
    "activity", "alert-circle", "arrows-right", "brackets-contain", "building", "copy", "dots-vertical",
    "forms", "grip-vertical",
    "list-check", "mail", "plus", "receipt", "shield-check", "stairs-up", "target-arrow", "trash", "user", "world", "x",
)  # fmt: skip


def icons() -> list[str]:
    """Return the names of all icons that the builder may draw."""
    return sorted({*_ICONS, *(kind.icon for kind in KINDS)})
