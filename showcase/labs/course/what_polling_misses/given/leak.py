"""A leak: leak.py HOST PORT TEXT brings TEXT to whoever waits there."""

import socket
import sys
import time

host, port, text = sys.argv[1:]
connection = socket.create_connection((host, int(port)), timeout=5)
connection.sendall(text.encode())
time.sleep(1)
connection.close()
