"""Topics of marketing mail: what a person may refuse singly, without refusing all of it."""
