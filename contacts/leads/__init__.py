"""A sales rep's day: who is hot and why, what came of the call, and leads nobody has taken yet."""
