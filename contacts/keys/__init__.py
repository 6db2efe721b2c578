"""By which names other systems know a person."""
