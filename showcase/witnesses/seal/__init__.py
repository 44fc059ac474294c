"""Witness `seal`: a namespace in which nothing exists but loopback and the ports that a policy allows (Linux, no root).

`namespace` makes it in the child, before the filter; `station` serves it from outside: `names` answers DNS with
NXDOMAIN, `packets` counts what is put on its wire, `bridge` leads out to the allowed ports, `door` lets callers in to a
sealed server, `crossings` tells which Unix sockets lead out of it: they are refused.
"""
