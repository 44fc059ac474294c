"""What the kernel asks about: the filter, its program, and the listener that its questions come to."""
