"""Who is who: one person known twice becomes one contact, and can be separated again."""
