"""Files kept with people and accounts."""
