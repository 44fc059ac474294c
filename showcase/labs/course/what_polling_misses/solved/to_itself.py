"""A leak to a listener of its own: leak.py HOST PORT TEXT."""

import socket
import sys

host, port, text = sys.argv[1:]
decoy = socket.create_server(("127.0.0.1", 0))
connection = socket.create_connection(decoy.getsockname(), timeout=5)
connection.sendall(text.encode())
connection.close()
