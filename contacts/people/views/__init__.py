"""Pages of people: thin doors to the verbs and queries of contacts.people."""
