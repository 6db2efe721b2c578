"""How the install is: probes for machines, numbers for graphs, a page and alarms for admins. See docs/operations.md."""
