"""Erasure: forgets memories with their traces, looks through every byte for what is left, and certifies what it saw."""
