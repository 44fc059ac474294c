"""Whether what lies in a directory is encrypted by the system: as its own tables tell, and never guessed."""
