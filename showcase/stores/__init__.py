"""Where memories are kept: a directory of this machine, or a server by its address."""
