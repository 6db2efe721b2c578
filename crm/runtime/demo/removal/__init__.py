"""Taking the demo data out of an install that is used: what goes and what stays (plan), and the job that does it."""
