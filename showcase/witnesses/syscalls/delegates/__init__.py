"""Calls made in the place of who asked, with the very bytes that were judged."""
