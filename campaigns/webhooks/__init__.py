"""What mail providers tell of our mails: stored raw, then folded into the ledger (docs/tracking.md)."""
