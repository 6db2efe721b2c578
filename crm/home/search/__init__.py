"""Find anything (Ctrl-K): finders of things, pages and actions."""
