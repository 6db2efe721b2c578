"""Ways out: each takes ready mails and says what became of each. Chosen by an alias of settings.MAILERS."""
