"""A leak that is quick by a person's measure: leak.py HOST PORT TEXT."""

import socket
import sys
import time

host, port, text = sys.argv[1:]
connection = socket.create_connection((host, int(port)), timeout=5)
connection.sendall(text.encode())
time.sleep(0.3)
connection.close()
