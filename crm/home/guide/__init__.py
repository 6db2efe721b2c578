"""The user guide: docs/guide/<language>/<page>.md, shown at /help/ in the reader's language. Why: docs/decisions."""
