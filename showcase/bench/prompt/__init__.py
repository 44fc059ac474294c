"""What a prompt costs and brings: a whole history, distilled memories, a contract with a retry, and a schema."""

TASKS = ("card", "spread", "rotate")
"""The tasks' names: those of the files in `tasks`."""
