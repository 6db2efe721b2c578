"""Ways out: protocols by which mails are handed over, and what the answers mean."""
