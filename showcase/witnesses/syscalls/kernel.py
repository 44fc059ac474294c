"""The kernel, through ctypes: what Python's own library has no name for.

Nothing here decides anything. Every function raises OSError with the kernel's errno.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.witnesses.syscalls.filter.bpf import Instruction

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER = 1
_NEW_LISTENER, _WAIT_KILLABLE_RECV = 1 << 3, 1 << 5
_PIDFD_OPEN, _PIDFD_GETFD, _KCMP = 434, 438, {"x86_64": 312, "aarch64": 272}
_CLOSE_RANGE = 436
_PIDFD_THREAD = 0o200  # O_EXCL: the thread alone, from Linux 6.9 on
_KCMP_FILES = 2
_PROC_MAGIC = 0x9FA0
_STATFS_BYTES = 256  # more than any architecture's struct statfs
_CAPABILITY_VERSION_3 = 0x20080522


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


class _Header(ctypes.Structure):
    """A msghdr, as this machine's own programs have it."""

    _fields_ = (
        ("address", ctypes.c_char_p),
        ("address_bytes", ctypes.c_uint32),
        ("spans", ctypes.POINTER(_Span)),
        ("span_count", ctypes.c_size_t),
        ("control", ctypes.c_char_p),
        ("control_bytes", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.sendmsg.restype = ctypes.c_ssize_t
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


def open_thread(tid: int) -> int:
    """Return a pidfd of one thread, whatever became of the others of its process.

    Raises:
        OSError: EINVAL on a kernel before 6.9, ESRCH where it is gone.
    """
    return system_call(_PIDFD_OPEN, tid, ctypes.c_uint(_PIDFD_THREAD))


def share_descriptors(one: int, other: int) -> bool:
    """Return whether two threads have one table of descriptors.

    Raises:
        OSError: They cannot be compared (EPERM), one is gone (ESRCH), or this kernel does not compare (ENOSYS).
    """
    zero = unsigned_long(0)
    return system_call(_KCMP[os.uname().machine], one, other, _KCMP_FILES, zero, zero) == 0


def copy_descriptor(pidfd: int, descriptor: int) -> int:
    """Return a copy of a descriptor of another process; both name the same open file."""
    return system_call(_PIDFD_GETFD, pidfd, descriptor, 0)


def send_message(descriptor: int, payload: bytes, flags: int, address: bytes, control: bytes = b"") -> int:
    """Send one message; return how many of its bytes were taken.

    Args:
        descriptor: The socket.
        payload: What is sent.
        flags: Those of sendmsg(2).
        address: Where to, as a sockaddr; empty for where the socket is connected to.
        control: Control data as this machine's programs lay it out.
    """
    buffer = ctypes.create_string_buffer(payload, len(payload)) if payload else None
    span = _Span(ctypes.addressof(buffer) if buffer else 0, len(payload))
    header = _Header(address or None, len(address), ctypes.pointer(span), 1, control or None, len(control), 0)
    return check(_libc.sendmsg(descriptor, ctypes.byref(header), flags))


def is_proc(descriptor: int) -> bool:
    """Return whether a file lies in a `/proc`, whose links are no texts."""
    buffer = ctypes.create_string_buffer(_STATFS_BYTES)
    library("fstatfs", descriptor, buffer)
    return int.from_bytes(buffer.raw[:4], sys.byteorder) == _PROC_MAGIC


def use_capabilities(effective: int) -> None:
    """Have these capabilities in effect in this thread, out of those that it is permitted.

    Args:
        effective: A bit for each, as in `CapEff` of `/proc/PID/status`.
    """
    permitted = capabilities()[1]
    words = [number >> shift & 0xFFFFFFFF for shift in (0, 32) for number in (effective & permitted, permitted, 0)]
    library("capset", struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", *words))


def capabilities() -> tuple[int, int]:
    """Return which capabilities are in effect in this thread, and which are permitted."""
    data = ctypes.create_string_buffer(24)
    library("capget", struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), data)
    low_effective, low_permitted, _, high_effective, high_permitted, _ = struct.unpack("=6I", data.raw)
    return high_effective << 32 | low_effective, high_permitted << 32 | low_permitted


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
