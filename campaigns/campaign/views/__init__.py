"""The marketer's pages of a campaign: the list and draft, the check before sending, and what became of it."""
