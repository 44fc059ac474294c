"""What is put on the wire of a sealed namespace, whatever call put it there."""

from __future__ import annotations

import ctypes
import select
import socket
import struct
import threading
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from showcase.witnesses.syscalls.filter import bpf

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
_OUTGOING = 4  # PACKET_OUTGOING; each frame on loopback comes back as an incoming one
_SOL_PACKET, _STATISTICS = 263, 6
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER
_PACKET_TYPE = 0xFFFFF004  # SKF_AD_OFF + SKF_AD_PKTTYPE: no byte of the frame, but what the kernel knows of it
_FRAME = 256
_ETHERNET, _IPV6_HEADER = 14, 40
_TCP_FLAGS, _SYN, _ACK = 13, 0x02, 0x10
_PROTOCOLS = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp", 1: "icmp", 58: "icmp", 132: "sctp"}
_ICMP_REQUESTS = frozenset({8, 128})
_OF_THE_NAME_SERVER = 53


class Destination(NamedTuple):
    """To where a packet was sent; `port` is None where its protocol has none."""

    transport: str
    address: str
    port: int | None


def openings_only() -> list[bpf.Instruction]:
    """Return the filter that keeps a megabyte on the bridge from crowding out what matters.

    It lets through what is outgoing and, of TCP, the SYN that opens a connection; `opening` looks again.
    """
    code = bpf.Assembler()
    code.load(_PACKET_TYPE)
    code.jump(bpf.EQUAL, _OUTGOING, otherwise="drop")
    code.load(12, bpf.LOAD_HALF)
    code.jump(bpf.EQUAL, ETH_P_IPV6, to="IPv6")
    code.jump(bpf.EQUAL, ETH_P_IP, otherwise="keep")
    code.load(_ETHERNET + 9, bpf.LOAD_BYTE)
    code.jump(bpf.EQUAL, socket.IPPROTO_TCP, otherwise="keep")
    code.load(_ETHERNET, bpf.LOAD_IP_HEADER_LENGTH)
    code.load(_ETHERNET + _TCP_FLAGS, bpf.LOAD_BYTE_INDEXED)
    code.mask(_SYN | _ACK)
    code.jump(bpf.EQUAL, _SYN, to="keep", otherwise="drop")
    code.label("IPv6")
    code.load(_ETHERNET + 6, bpf.LOAD_BYTE)
    code.jump(bpf.EQUAL, socket.IPPROTO_TCP, otherwise="keep")
    code.load(_ETHERNET + _IPV6_HEADER + _TCP_FLAGS, bpf.LOAD_BYTE)
    code.mask(_SYN | _ACK)
    code.jump(bpf.EQUAL, _SYN, to="keep", otherwise="drop")
    code.label("keep")
    code.answer(_FRAME)
    code.label("drop")
    code.answer(0)
    return code.assemble()


def wire_socket() -> socket.socket:
    """Return a socket that gets a copy of every frame on loopback."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    program = bpf.packed(openings_only())
    buffer = ctypes.create_string_buffer(program, len(program))
    attached = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    wire.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, attached)
    wire.bind(("lo", 0))
    return wire


class PacketCounter:
    """Counts openings: datagrams, SYNs, and every packet of another protocol."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._wire.setblocking(False)
        self._seen: Counter[Destination] = Counter()
        self._last_call, self._finished = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="packets", daemon=True)

    def start(self) -> None:
        """Begin to count, in a thread."""
        self._thread.start()

    def finish(self) -> tuple[dict[Destination, int], int]:
        """Count what still waits; return the counts and how many frames were lost."""
        self._finished.close()
        self._thread.join()
        lost = struct.unpack("=II", self._wire.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1]
        return dict(self._seen), lost

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._wire, select.POLLIN)
        poll.register(self._last_call, select.POLLIN)
        ending = False
        while not ending:
            ending = any(descriptor == self._last_call.fileno() for descriptor, _ in poll.poll())
            self._drain()

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while True:
                frame, where = self._wire.recvfrom(_FRAME)
                destination = opening(frame) if where[2] == _OUTGOING else None
                if destination is not None:
                    self._seen[destination] += 1


def opening(frame: bytes) -> Destination | None:
    """Return to where a frame opens a conversation, None where it answers or carries on one."""
    (kind,) = struct.unpack_from("!H", frame, 12)
    packet = frame[_ETHERNET:]
    if kind == ETH_P_IP:
        protocol, address = packet[9], socket.inet_ntop(socket.AF_INET, packet[16:20])
        payload = packet[(packet[0] & 0xF) * 4 :]
    elif kind == ETH_P_IPV6:
        protocol, address = packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40])
        payload = packet[_IPV6_HEADER:]
    else:
        return Destination(f"ethertype {kind:#06x}", "", None)
    name = _PROTOCOLS.get(protocol, f"protocol {protocol}")
    if name == "tcp":
        _source, port = struct.unpack_from("!HH", payload)
        return Destination(name, address, port) if payload[_TCP_FLAGS] & (_SYN | _ACK) == _SYN else None
    if name == "udp":
        source, port = struct.unpack_from("!HH", payload)
        return None if source == _OF_THE_NAME_SERVER else Destination(name, address, port)
    if name == "icmp":
        return Destination(name, address, None) if payload[0] in _ICMP_REQUESTS else None
    return Destination(name, address, None)
