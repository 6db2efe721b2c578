"""What campaigns holds of a person: mails, notices of consent, what mail providers told."""
