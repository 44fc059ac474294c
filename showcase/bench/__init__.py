"""Commands that measure: two things in one run, and their ratio."""
