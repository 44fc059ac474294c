"""Stores that are named by a URL: engines beside or beyond this machine, each behind `interface.Table`."""
