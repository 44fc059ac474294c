"""What each witness that counts cannot see: always, or because of what it met.

Here and not with the witnesses, some of which can be loaded on Linux alone.
"""

from __future__ import annotations

from showcase.evidence.limits import General, Particular

SOCKETS = tuple(
    General(witness="sockets", claims=("egress", "telemetry"), text=text)
    for text in (
        "connections that open and close between two samples: of those under 20 ms, practically all",
        "name lookups, and datagrams of sockets that are not connected",
        "what passes through Unix sockets",
        (
            "processes whose parents are gone, where the system gives orphans away (not on Linux, nor on Windows "
            "within a job)"
        ),
    )
)
TIME_WAIT = Particular(
    "{rows} more rows in TIME_WAIT towards other machines than at the start; the system no longer knows whose they were"
)
LONGEST_PAUSE = Particular("what came and went within its longest pause, {longest_s} s")
SAMPLER_DIED = Particular("the sampling thread had died")

HOOK = tuple(
    General(witness="hook", claims=("egress", "telemetry"), where="in a run", text=text)
    for text in (
        "calls of native code that bypass Python: ctypes, uvloop, grpc",
        "other processes: those that a worker starts, the model server, the orchestrator",
        "what the interpreter itself did before the hook was installed",
    )
)
INJECTED_HOOK = tuple(
    General(witness="hook", claims=("egress",), where="in an audit", text=text)
    for text in (
        "programs that are not Python, and native code in Python programs: ctypes, uvloop, grpc",
        "Python started with -I, -E or -S, in an environment of its own, or older than 3.10",
    )
)

SYSCALLS = tuple(
    General(witness="syscalls", claims=("egress", "telemetry"), text=text)
    for text in (
        "bytes written to a connection that a process received ready-made from another (over a Unix socket)",
        "what the other end of an allowed Unix socket does with what it is told; the socket's path is recorded",
        (
            "datagrams that sendfile, splice or AIO put on a connected socket, those of more than 1472 bytes, and "
            "those of 1 or 8 bytes or on a standard stream that `write` puts there: where any could have been sent the "
            "verdict stays open"
        ),
        "what a program that nobody watches does to the process that keeps the records, where it is of the same user",
        "what bytes went where: destinations are recorded, not contents",
        (
            "a program as it is without it: setuid programs run without their privilege, nothing is mounted, no "
            "process is opened that it did not start, and the peer of a Unix socket is told the supervisor's process "
            "number in place of its caller's"
        ),
    )
)

BRIDGE = General(
    witness="seal",
    claims=("egress", "telemetry"),
    where="with a bridge to a server outside",
    text="what the process behind an allowed port does with what it is told",
)
DOOR = General(
    witness="seal",
    claims=("egress", "telemetry"),
    where="with a server that is sealed too",
    text="who else on this machine called a sealed server, and what it answered them",
)
SEAL = tuple(
    General(witness="seal", claims=("egress", "telemetry"), text=text)
    for text in (
        (
            "files and named pipes: a folder that is synchronised or mounted from elsewhere, what somebody outside "
            "reads or runs, and device files that lie outside of /dev"
        ),
        "what processes outside the seal do",
        "side channels: timing, load, what the process table shows, memory shared before the seal was closed",
        (
            "what a terminal does with what is printed on it (its clipboard, its answers), and terminals that are "
            "opened later"
        ),
        "graphics processors and accelerators, which programs outside may use as well",
    )
)
UNPROTECTED = Particular(
    "what is done to the files of this program or of Python, which could not be made read-only here"
)
SIGNALS = Particular("signals to processes of the same user outside (they need Landlock of Linux 6.12 to be held)")

EARLIER = tuple(
    General(witness=witness, claims=("egress", "telemetry"), where="in logs of version 1", text=text)
    for witness, spots in (
        (
            "sockets",
            ("processes whose parents are gone, where the system gives orphans away (not on Linux)",),
        ),
        (
            "syscalls",
            (
                "what the other end of a Unix socket does with what it is told; the socket's path is recorded",
                (
                    "datagrams that sendfile, splice or AIO put on a connected socket, those of more than 1472 bytes, "
                    "and those of 1 or 8 bytes or on a standard stream that `write` puts there; their connect is "
                    "recorded"
                ),
                "when a listener ends: another program that takes its port afterwards counts as one of the watched",
                "what a program of the same user, outside of a seal, does to the process that keeps the records",
                (
                    "changes that a second thread makes to an address between our look and the kernel's, where the "
                    "caller made the call itself (Unix sockets, fast open, control data, send timeouts: the count "
                    "`as read`)"
                ),
                (
                    "a connection that a hostile program shuts down and redirects from a second thread while its "
                    "first waits"
                ),
                "setuid programs run without their privilege under this witness, so they may behave otherwise",
            ),
        ),
        (
            "seal",
            (
                (
                    "files: a folder that is synchronised or mounted from elsewhere, or what somebody outside reads or "
                    "runs"
                ),
                "side channels: timing, load, memory shared before the seal was closed",
            ),
        ),
    )
    for text in spots
)
"""What was always so of witnesses then: a log keeps the words of the program that wrote it. A sentence above that is
changed goes here as it was."""

GENERAL = (*SEAL, BRIDGE, DOOR, *SYSCALLS, *HOOK, *INJECTED_HOOK, *SOCKETS, *EARLIER)
PARTICULAR = (TIME_WAIT, LONGEST_PAUSE, SAMPLER_DIED, UNPROTECTED, SIGNALS)


def texts(spots: tuple[General, ...]) -> tuple[str, ...]:
    """Return what a witness's report says of these."""
    return tuple(spot.text for spot in spots)
