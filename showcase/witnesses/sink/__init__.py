"""The sink of a seal: names lead to addresses of our own, and a listener there writes down what would have been asked.

`addresses` hands them out, `hello` reads what a client says first, `sink` listens where one is about to connect.
"""
