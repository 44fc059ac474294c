"""The processes of a run: spawned, ordered, heard, ended; what they are told and say; and what of theirs is left."""
