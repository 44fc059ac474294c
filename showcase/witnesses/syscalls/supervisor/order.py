"""What a supervisor is asked to do, as its command line says it."""

from __future__ import annotations

from typing import NamedTuple

LINGER_S = 10.0
"""How long processes are watched that outlive the command, before they are ended."""


class Order(NamedTuple):
    """What the supervisor was asked to do."""

    records: str
    linger_s: float
    ports: list[int] | None
    """Loopback ports to which a seal leads, None for no seal."""
    entrance: int | None
    """Port of a sealed server that is to be reached from loopback outside."""
    with_sink: bool
    """Whether names lead to a sink in the seal."""
    authority: int | None
    """The descriptor on which the authority is asked that the command trusts; None where the sink speaks no TLS."""
    without_rights: bool
    """Whether the command is to have no right by which the kernel would send something for it."""
    front: int | None
    """Who waits for us in the command's terminal; None where the command gets a session of its own."""
    limit_s: float | None
    """How long the command may take."""
    unix: tuple[str, ...]
    """Unix sockets that may be used although nobody watches their other end."""
    command: list[str]


def parse(arguments: list[str]) -> Order:
    """Read the options, each with its value, then `--` and the command.

    `--records FILE`, `--linger SECONDS`, `--seal PORT,…`, `--door PORT`, `--sink yes`, `--reveal DESCRIPTOR`,
    `--rights few`, `--front PID`, `--for SECONDS`, `--unix NAMES` (a line each); argparse is slow to start.
    """
    options = {
        "--records": "",
        "--linger": str(LINGER_S),
        "--seal": "none",
        "--door": "",
        "--sink": "",
        "--reveal": "",
        "--rights": "",
        "--front": "",
        "--for": "",
        "--unix": "",
    }
    at = 0
    while arguments[at] != "--":
        options[arguments[at]] = arguments[at + 1]
        at += 2
    seal = options["--seal"]
    ports = None if seal == "none" else [int(port) for port in seal.split(",") if port]
    return Order(
        records=options["--records"],
        linger_s=float(options["--linger"]),
        ports=ports,
        entrance=int(options["--door"]) if options["--door"] else None,
        with_sink=bool(options["--sink"]),
        authority=int(options["--reveal"]) if options["--reveal"] else None,
        without_rights=bool(options["--rights"]),
        front=int(options["--front"]) if options["--front"] else None,
        limit_s=float(options["--for"]) if options["--for"] else None,
        unix=tuple(filter(None, options["--unix"].split("\n"))),
        command=arguments[at + 1 :],
    )
