"""Witness `syscalls`: the kernel asks before every call that names a destination (Linux, no root).

`filter` is the program that runs in the kernel, `launch` puts a command under it, `supervise` answers the
kernel's questions by way of `dispatch`, and `testimony` turns what was written down into evidence.
"""
