"""Pages for the people who get our mails: opt-out, preferences, view in browser. No log-in; the token is the key."""
