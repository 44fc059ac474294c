"""Many people at once on one store: a process each, every planted memory looked for, and what larger classes need."""
