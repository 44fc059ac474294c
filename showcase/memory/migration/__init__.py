"""Copies the memories of one store into another, of whatever engine, and compares both to the last bit."""
