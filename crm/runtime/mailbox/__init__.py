"""The local mailbox of an embedded install: an SMTP server that keeps every mail, and pages that show them."""
