"""A whole rule as one sentence. Leaves say their own part; groups join them. Korean parts end in a noun form (…임)."""

from collections.abc import Sequence
from functools import reduce

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.segments.rules.tree import Group, Mode, Node


def sentence(node: Node) -> str:
    """Return the node in the active language, such as "City is Seoul or Busan, and owner is given"."""
    return str(capfirst(_said(node)))


def _said(node: Node, *, inside: bool = False) -> str:
    if not isinstance(node, Group):
        return node.sentence()
    if not node.children:
        return _("no one") if node.mode is Mode.ANY else _("everybody")
    if len(node.children) == 1 and node.mode is not Mode.NONE:
        return _said(node.children[0], inside=inside)
    said = _joined(node.mode, [_said(child, inside=True) for child in node.children])
    return _("(%(conditions)s)") % {"conditions": said} if inside else said


def _joined(mode: Mode, parts: Sequence[str]) -> str:
    if mode is Mode.NONE:
        return _("none of these holds: %(conditions)s") % {"conditions": "; ".join(parts)}
    pattern = _("%(first)s, and %(second)s") if mode is Mode.ALL else _("%(first)s, or %(second)s")
    return reduce(lambda first, second: pattern % {"first": first, "second": second}, parts)
