"""What lies in a store: files, tables, counts, and whose rows; nothing of it is run, changed or opened with Chroma."""
