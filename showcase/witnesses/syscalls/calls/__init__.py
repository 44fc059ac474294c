"""One stopped call as it is read: who makes it, with which arguments, to which address, with what in its memory."""
