"""The memory under test. Only this room imports mem0 and chromadb."""
