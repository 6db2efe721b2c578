"""A trial of a sender before the first launch: what the mail server says, and what DNS says of the sender's domain."""
