"""What colleagues write down about people and accounts, with who is to know of it."""
