"""Leaks below Python: bytes of addresses, numbers of system calls, a program of 200 bytes, a ring."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
import socket
import struct
import subprocess
import sys
import threading

from showcase.documents.leftovers import temporary

_CONNECT_NUMBERS = {"x86_64": 42, "aarch64": 203}
_TRIES = 300


class CannotPlant(Exception):  # noqa: N818 - an answer
    """This machine does not let the leak be planted; the message says why."""


def address(place: tuple[str, int]) -> bytes:
    """Return a sockaddr_in."""
    host, port = place
    family = socket.AF_INET.to_bytes(2, sys.byteorder)
    return family + port.to_bytes(2, "big") + socket.inet_aton(host) + bytes(8)


def connect_by_number(descriptor: int, place: tuple[str, int]) -> None:
    """Make the system call without libc's `connect`."""
    number = _CONNECT_NUMBERS.get(platform.machine())
    if number is None:
        raise CannotPlant("the number of connect is not known for this machine")
    ctypes.CDLL(None).syscall(number, descriptor, address(place), 16)


def run_static_binary(place: tuple[str, int]) -> None:
    """Run a program that connects, without any library: 64 + 56 bytes of ELF headers and its instructions."""
    if platform.machine() != "x86_64":
        raise CannotPlant("the instructions of this machine are not known")
    code = bytes.fromhex(
        "6a2958 6a025f 6a015e 31d2 0f05"  # socket(AF_INET, SOCK_STREAM, 0)
        "4889c7 488d3512000000 6a105a 6a2a58 0f05"  # connect(it, address behind the code, 16)
        "6a3c58 31ff 0f05"  # exit(0)
    )
    lea = code.index(bytes.fromhex("488d35"))
    code = code[: lea + 3] + struct.pack("<i", len(code) - lea - 7) + code[lea + 7 :] + address(place)
    base, headers = 0x400000, 64 + 56
    size = headers + len(code)
    elf = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    elf += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, base + headers, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    elf += struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
    with temporary("showcase-leak-") as directory:
        path = directory / "leak"
        path.write_bytes(elf + code)
        path.chmod(0o700)
        status = subprocess.run([path], check=False, stdin=subprocess.DEVNULL).returncode
    if status:
        raise CannotPlant(f"the binary ended with {status}")


class _Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("name_length", ctypes.c_uint32),
        ("spans", ctypes.POINTER(_Span)),
        ("span_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("sent", ctypes.c_uint),
    )


def send_two_messages(descriptor: int, place: tuple[str, int]) -> None:
    """Send two datagrams in one call."""
    span = _Span(b"leak", 4)
    message = _Message(address(place), 16, ctypes.pointer(span), 1)
    ctypes.CDLL(None).sendmmsg(descriptor, (_Message * 2)(message, message), 2, 0)


def connect_while_flipping(harmless: tuple[str, int], leak: tuple[str, int]) -> None:
    """Connect to an address that a second thread changes all the time, until the leak was connected to."""
    libc = ctypes.CDLL(None)
    shared = ctypes.create_string_buffer(address(harmless), 16)
    ports = [place[1].to_bytes(2, "big") for place in (leak, harmless)]
    over = threading.Event()

    def flip() -> None:
        while not over.is_set():
            for port in ports:
                ctypes.memmove(ctypes.addressof(shared) + 2, port, 2)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        for _ in range(_TRIES):
            with socket.socket() as s:
                if libc.connect(s.fileno(), ctypes.byref(shared), 16) == 0:
                    return
    finally:
        over.set()
        thread.join()
    raise CannotPlant(f"in {_TRIES} tries the address was never the one of the decoy")


_SETUP, _ENTER = 425, 426  # io_uring's numbers are the same on every architecture
_OFFSET_SUBMISSION, _OFFSET_COMPLETION, _OFFSET_ENTRIES = 0, 0x8000000, 0x10000000
_OP_CONNECT = 16
_GET_EVENTS = 1
_PARAMETERS_BYTES = 120


def connect_by_ring(place: tuple[str, int]) -> None:
    """Queue a connect on an io_uring: the kernel makes it, and no system call names the address."""
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(_PARAMETERS_BYTES)
    ring = libc.syscall(_SETUP, 4, parameters)
    if ring < 0:
        number = ctypes.get_errno()
        if number in {errno.ENOSYS, errno.EPERM}:
            return  # refused: by a witness, which says so, or by this system
        raise OSError(number, os.strerror(number))
    # struct io_uring_params: 40 bytes of counts and flags, then the offsets of both queues.
    entries = struct.unpack_from("=I", parameters, 0)[0]
    _head, tail, mask, _, _, _, array = struct.unpack_from("=7I", parameters, 40)
    size = array + entries * 4
    queue = mmap.mmap(ring, size, offset=_OFFSET_SUBMISSION)
    slots = mmap.mmap(ring, entries * 64, offset=_OFFSET_ENTRIES)
    with socket.socket() as s:
        buffer = ctypes.create_string_buffer(address(place), 16)
        entry = struct.pack("=BBHiQQII", _OP_CONNECT, 0, 0, s.fileno(), 16, ctypes.addressof(buffer), 0, 0)
        slots[: len(entry)] = entry
        at = struct.unpack_from("=I", queue, tail)[0]
        struct.pack_into("=I", queue, array + 4 * (at & struct.unpack_from("=I", queue, mask)[0]), 0)
        struct.pack_into("=I", queue, tail, at + 1)
        libc.syscall(_ENTER, ring, 1, 1, _GET_EVENTS, None, 0)
    os.close(ring)
