"""What a trial can find, each with its tone and a plain sentence. Kept by code, told in the reader's language."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

GOOD, WARN, BAD = "good", "warn", "bad"

# code: (about what, tone, sentence)
KNOWN: dict[str, tuple[str, str, Any]] = {
    "smtp_taken": ("smtp", GOOD, _("The mail server took the test mail. Look whether it arrives at %(to)s.")),
    "smtp_refused": ("smtp", BAD, _("The mail server did not take the test mail: %(reason)s")),
    "smtp_plain": (
        "smtp",
        WARN,
        _("The connection is not encrypted. Use smtp+starttls:// or smtps:// in SMTP_URL unless the server is local."),
    ),
    "domain_missing": ("dns", BAD, _("The domain %(domain)s does not exist in DNS. No provider takes mail from it.")),
    "dns_silent": (
        "dns",
        WARN,
        _("DNS gave no answer in time for %(name)s, so it could not be checked. Try again later."),
    ),
    "spf_good": (
        "spf",
        GOOD,
        _("SPF says which servers may send for %(domain)s. Make sure that the server of your mails is among them."),
    ),
    "spf_missing": (
        "spf",
        BAD,
        _("%(domain)s has no SPF record. Add a TXT record: v=spf1 include:(your mail provider) ~all"),
    ),
    "spf_several": ("spf", BAD, _("%(domain)s has %(n)s SPF records; with more than one none counts. Merge them.")),
    "spf_everybody": (
        "spf",
        BAD,
        _("The SPF record of %(domain)s lets everybody send (+all). End it with ~all or -all."),
    ),
    "spf_open_end": (
        "spf",
        WARN,
        _("The SPF record of %(domain)s says nothing of servers it does not name. End it with ~all or -all."),
    ),
    "spf_lookups": (
        "spf",
        BAD,
        _("The SPF record of %(domain)s needs %(n)s look-ups; above 10 it fails. Remove what is not used."),
    ),
    "dkim_good": (
        "dkim",
        GOOD,
        _("%(domain)s has a DKIM key (%(selectors)s). The mail server must sign with it, for the domain %(domain)s."),
    ),
    "dkim_missing": (
        "dkim",
        WARN,
        _("No DKIM key of %(domain)s was found under the usual names. If your provider named another, try it."),
    ),
    "dkim_revoked": ("dkim", BAD, _("The DKIM key %(selectors)s of %(domain)s is empty: it was taken back.")),
    "dmarc_good": (
        "dmarc",
        GOOD,
        _("DMARC is there (%(policy)s): mail that pretends to come from %(domain)s is turned away."),
    ),
    "dmarc_watches": (
        "dmarc",
        WARN,
        _("DMARC of %(domain)s only watches (p=none). It is enough to send; quarantine or reject protects."),
    ),
    "dmarc_missing": (
        "dmarc",
        BAD,
        _("%(domain)s has no DMARC record. Gmail and Yahoo ask for one. Add TXT _dmarc.%(domain)s: v=DMARC1; p=none"),
    ),
    "dmarc_several": ("dmarc", BAD, _("%(domain)s has %(n)s DMARC records; with more than one none counts.")),
    "aligned": (
        "alignment",
        GOOD,
        _(
            "What the reader sees (%(domain)s) and what servers check are the same domain, so SPF satisfies DMARC, "
            "and DKIM too if the server signs for %(domain)s."
        ),
    ),
    "alignment_strict": (
        "alignment",
        WARN,
        _(
            "DMARC is strict: signatures for a domain above or below %(domain)s do not count, "
            "only for exactly this one."
        ),
    ),
    "alignment_provider": (
        "alignment",
        WARN,
        _(
            "A provider sends with a return address of its own, so SPF does not count for %(domain)s; DKIM must. "
            "Let the provider sign for %(domain)s."
        ),
    ),
}
SUBJECTS = {
    "smtp": _("Hand-over"),
    "dns": _("DNS"),
    "spf": "SPF",
    "dkim": "DKIM",
    "dmarc": "DMARC",
    "alignment": _("Alignment"),
}


@dataclass(frozen=True)
class Finding:
    """One finding of a trial. Raises KeyError for a code that is not known."""

    code: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def about(self) -> Any:
        """What it is about, for a heading."""
        return SUBJECTS[KNOWN[self.code][0]]

    @property
    def tone(self) -> str:
        """Return good, warn or bad."""
        return KNOWN[self.code][1]

    @property
    def text(self) -> str:
        """The sentence, in the reader's language."""
        return str(KNOWN[self.code][2]) % self.values

    def stored(self) -> list[Any]:
        """Return what `SenderTrial.findings` keeps of it."""
        return [self.code, self.values]
