"""Whose mail a token is: the person as she is known today, and who sent it. Called by the public pages."""

from dataclasses import dataclass

from campaigns.senders.models import Sender
from campaigns.sending.models import Dispatch
from campaigns.tracking.tokens import MailToken, read_mail_token
from contacts.people.models import Contact
from contacts.topics.models import Topic

_LONGEST_CHAIN = 20  # merges one after the other


@dataclass(frozen=True)
class Reader:
    """The holder of a mail's token. `contact` is None when the person was erased, `sender` when the mail was.

    `topic` is what the mail is about, None for a mail of no topic.
    """

    mail: MailToken
    contact: Contact | None
    sender: Sender | None
    topic: Topic | None = None

    @property
    def address(self) -> str:
        """Return the address with its middle hidden: a mail may have been forwarded."""
        local, _, domain = (self.contact.email if self.contact and self.contact.email else "").rpartition("@")
        return f"{local[:2] if len(local) > 3 else local[:1]}•••@{domain}" if domain else ""

    @property
    def language(self) -> str:
        """Return the language of the person, "" when it is not known."""
        return self.contact.language if self.contact else ""


def reader_of(token: str) -> Reader:
    """Return who holds `token`, following merges. Raises BadToken."""
    mail = read_mail_token(token)
    dispatch = Dispatch.objects.select_related("sender", "topic").filter(pk=mail.dispatch_id).first()
    contact = _contact(mail.contact_id)
    return Reader(mail, contact, dispatch.sender, dispatch.topic) if dispatch else Reader(mail, contact, None)


def _contact(contact_id: int) -> Contact | None:
    contact = Contact.objects.filter(pk=contact_id).first()
    for _step in range(_LONGEST_CHAIN):
        if contact is None or contact.merged_into_id is None:
            return contact
        contact = Contact.objects.filter(pk=contact.merged_into_id).first()
    return contact
