"""A leak in one datagram, from a socket that is never connected: leak.py HOST PORT TEXT."""

import socket
import sys

host, port, text = sys.argv[1:]
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(text.encode(), (host, int(port)))
