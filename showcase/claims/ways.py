"""Ways out that no destination names, in words."""

from __future__ import annotations

PINGS = frozenset({"icmp"})
"""Transports of a ping socket: its port is none, and nobody waits at it."""

ACTS = {
    "TIOCSTI": "types into the terminal, as the person there would",
    "TIOCLINUX": "pastes into the terminal, as the person there would",
    "TIOCSETD": "makes a network of a terminal's line",
    "TUNSETIFF": "a network device, whose packets the kernel passes on",
    "mount": "the kernel reads and writes these files on another machine",
    "fsopen": "the kernel reads and writes these files on another machine",
    "setns": "another network, where addresses mean other machines",
    "unshare": "another network, where addresses mean other machines",
    "clone": "another network, where addresses mean other machines",
    "init_module": "code in the kernel, which no witness sees",
    "finit_module": "code in the kernel, which no witness sees",
    "bpf": "code in the kernel, which no witness sees",
    **dict.fromkeys(
        ("SO_BINDTODEVICE", "SO_BINDTOIFINDEX", "IP_UNICAST_IF", "IPV6_UNICAST_IF", "IP_PKTINFO", "IPV6_PKTINFO"),
        "an interface of its own choice, by which addresses of this machine are others",
    ),
    **dict.fromkeys(
        ("IP_OPTIONS", "IPV6_RTHDR", "IPV6_HOPOPTS", "IPV6_DSTOPTS", "IPV6_PKTOPTIONS"),
        "a route or bytes of its own beside the payload",
    ),
    **dict.fromkeys(("IP_ADD_MEMBERSHIP", "IPV6_JOIN_GROUP"), "a multicast group, whose number the network is told"),
    "netlink": "another process, by way of the kernel",
}
"""What a call does that reaches out without a destination, by its name or that of its request."""
