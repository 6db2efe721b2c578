"""Mails that the law asks for: the result of a consent or refusal, and the reminder before each second year ends."""
