"""The pages of a person's data and of erasures."""
