"""An engine, mem0's own directory, and a directory to begin in."""

from stock_engine import _mem0_of_tests, at_home, gate

__all__ = ["_mem0_of_tests", "at_home", "gate"]
