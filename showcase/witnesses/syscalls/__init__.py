"""Witness `syscalls`: the kernel asks before every call that names a destination (Linux, no root)."""
