"""The log of what was done with a store's memories: who, when, which, by which process, and no text."""
