"""What a memory costs a turn and what it keeps: mem0 with extraction, mem0 without, Chroma alone."""
