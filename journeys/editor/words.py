"""What the editor's scripts say, in the reader's language. One row is one text; {names} are filled by the script."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    # canvas
    "start": _("Start"),
    "no_trigger": _("Say when the journey starts"),
    "note": _("Comment"),
    "empty_note": _("Empty comment"),
    "preview": _("Preview of the mail"),
    "port_hint": _("Drag to a step, or click and then click the step"),
    "choose_target": _("Now click the step it leads to. Esc stops."),
    "insert_here": _("Add a step here"),
    "moved_to": _("Moved to {lane}, row {row}"),
    "connected": _("Connected with {to}"),
    "disconnected": _("Disconnected"),
    "link_chosen": _("Connection chosen. Delete removes it."),
    "chosen": _("{count} steps chosen"),
    "laid_out": _("Laid out anew. Ctrl Z brings the old places back."),
    # acts
    "added": _("Added: {name}"),
    "removed": _("{count} steps removed. Ctrl Z brings them back."),
    "undone": _("Undone"),
    "redone": _("Done again"),
    "nothing_undone": _("There is nothing more to undo or do again."),
    "copied": _("{count} steps copied"),
    "pasted": _("{count} steps pasted"),
    "nothing_to_paste": _("There are no copied steps on the clipboard."),
    "clipboard_here_only": _("The browser lends no clipboard: what was copied can be pasted on this page only."),
    "delete": _("Delete"),
    # choosing
    "add_step": _("Which step comes here?"),
    "by_which_outlet": _("By which way out"),
    "connect": _("Connect"),
    "connect_with": _("Which step does it lead to?"),
    "nowhere": _("Nowhere: the journey ends there"),
    "find_step": _("Find a step"),
    "nothing_found": _("Nothing of that name. Try another word."),
    "ends_here": _("the journey ends"),
    # panel
    "loading": _("Loading …"),
    "settings": _("Start and goal"),
    "starts_when": _("It starts when"),
    "add_trigger": _("Add a start"),
    "remove_trigger": _("Remove this start"),
    "back_to_settings": _("All settings of the journey"),
    "who_and_how_long": _("Who comes in, who goes out"),
    "name_and_comment": _("Name and comment"),
    "own_name": _("A name of your own"),
    "comment": _("Comment for colleagues"),
    "choose_step": _("Choose a step"),
    "step_gone": _("A step that is not there any more"),
    "edit_mail": _("Edit this mail in a new tab"),
    "edit_rule": _("Edit the rule"),
    "write_rule": _("Write a rule"),
    # problems
    "whole_journey": _("The whole journey"),
    "no_problems": _("Nothing stands in the way of publishing."),
    # saving
    "save_saved": _("Saved"),
    "save_saving": _("Saving …"),
    "save_offline": _("No connection. Your work is kept here and saved when it is back."),
    "save_login": _("You are logged out. Log in in another tab; your work is kept here and saved then."),
    "save_refused": _("Not saved:"),
    "save_stale": _("Not saved: somebody else changed this journey."),
    "save_first": _("The drawing is not saved yet. Look at what is said above."),
}

# Icons that the scripts clone, besides those of the kinds.
ICONS = {
    "alert-circle", "arrow-left", "arrow-right", "message-circle", "note", "pencil", "player-play", "plus", "settings",
    "target-arrow", "trash", "x",
}  # fmt: skip


def words() -> dict[str, str]:
    """Return all texts in the active language."""
    return {key: str(text) for key, text in WORDS.items()}
