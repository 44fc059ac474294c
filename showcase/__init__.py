"""Evidence that a local LLM memory persists across processes, isolates its users and stays on the machine."""

__version__ = "0.1.0"
