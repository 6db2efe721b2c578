"""Kinds and a clean ledger for the tests of the ledger."""
