"""What is held of one person: giving it to her, and erasing it with a certificate. See docs/privacy.md."""
