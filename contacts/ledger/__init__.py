"""The ledger: everything that happens to a person, appended once, read safely, followed in order (docs/ledger.md)."""
