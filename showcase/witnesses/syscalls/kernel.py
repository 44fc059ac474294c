"""The kernel, through ctypes: what Python's own library has no name for.

Nothing here decides anything. Every function raises OSError with the kernel's errno.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.witnesses.syscalls.bpf import Instruction

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER = 1
_NEW_LISTENER, _WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
_PIDFD_GETFD = 438  # the same on every architecture
_CLOSE_RANGE = 436


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


class _Span(ctypes.Structure):
    """An iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
for _name in ("process_vm_readv", "process_vm_writev"):
    if hasattr(_libc, _name):
        _function = getattr(_libc, _name)
        _function.restype = ctypes.c_ssize_t
        _spans = ctypes.POINTER(_Span)
        _function.argtypes = (
            ctypes.c_int,
            _spans,
            ctypes.c_ulong,
            _spans,
            ctypes.c_ulong,
            ctypes.c_ulong,
        )


def check(result: int) -> int:
    """Return what a C function returned, or raise what it left in errno."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def system_call(number: int, *arguments: object) -> int:
    """Make a system call that libc has no wrapper for."""
    return check(_libc.syscall(ctypes.c_long(number), *arguments))


def library(name: str, *arguments: object) -> int:
    """Call a libc function that returns -1 and sets errno on failure."""
    return check(getattr(_libc, name)(*arguments))


def unsigned_long(value: int) -> ctypes.c_ulong:
    """Return a number as C's `unsigned long`; a plain one would be passed as an `int`."""
    return ctypes.c_ulong(value)


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process."""
    zero = unsigned_long(0)
    library("prctl", option, unsigned_long(value), zero, zero, zero)


def install_filter(instructions: Sequence[Instruction]) -> int:
    """Put this process and all its future children under a filter, for good.

    Returns:
        The listener: the descriptor on which the kernel asks.

    Raises:
        OSError: EINVAL on a kernel older than 5.19, EBUSY where an outer filter has a listener already,
        EPERM or ENOSYS where seccomp is forbidden.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    array = (_Instruction * len(instructions))(*[_Instruction(*each) for each in instructions])
    program = _Program(len(instructions), array)
    # Without WAIT_KILLABLE_RECV a signal interrupts a question that was already read: it would come twice.
    flags = _NEW_LISTENER | _WAIT_KILLABLE_RECV
    number = _SECCOMP[os.uname().machine]
    return system_call(number, _SET_MODE_FILTER, ctypes.c_ulong(flags), ctypes.byref(program))


def copy_descriptor(pidfd: int, descriptor: int) -> int:
    """Return a copy of a descriptor of another process; both name the same open file."""
    return system_call(_PIDFD_GETFD, pidfd, descriptor, 0)


def close_from(first: int) -> None:
    """Close every descriptor from `first` on."""
    try:
        system_call(_CLOSE_RANGE, ctypes.c_uint(first), ctypes.c_uint(0xFFFFFFFF), 0)
    except OSError:  # an old kernel, or a sandbox that does not know the call
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def read_memory(pid: int, address: int, length: int) -> bytes:
    """Return `length` bytes of another process's memory, fewer where it ends before.

    Raises:
        OSError: ESRCH, the process is gone; EPERM, it may not be read; EFAULT, there is no memory at
        `address`.
    """
    if length <= 0:
        return b""
    buffer = ctypes.create_string_buffer(length)
    here, there = _Span(ctypes.addressof(buffer), length), _Span(address, length)
    count = check(_libc.process_vm_readv(pid, here, 1, there, 1, 0))
    return buffer.raw[:count]


def write_memory(pid: int, address: int, data: bytes) -> None:
    """Write into another process's memory."""
    buffer = ctypes.create_string_buffer(data, len(data))
    here, there = _Span(ctypes.addressof(buffer), len(data)), _Span(address, len(data))
    check(_libc.process_vm_writev(pid, here, 1, there, 1, 0))
