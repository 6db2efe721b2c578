"""Double opt-in: a mail with a link to the address, and a page on which its owner confirms what she agrees to."""
