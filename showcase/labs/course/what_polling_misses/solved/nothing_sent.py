"""A leak that nobody sees: leak.py HOST PORT TEXT sends nothing."""

import sys

host, port, text = sys.argv[1:]
print(f"{text} would go to {host}, port {port}")
