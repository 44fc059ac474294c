"""Looks at this machine and says what would go wrong, and how to fix it. Changes nothing."""
