"""What the orchestrator and its processes say to each other: orders one way, events the other, and how they are read.

One JSON object a line, either way. A new event or order is a class here, and mypy finds who does not handle it yet.
"""
