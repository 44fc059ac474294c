"""Conducts an audit: witnesses on, a leak planted for them, the command in its terminal, the facts at the end."""

from __future__ import annotations

import os
import sys
import threading
import time
import uuid
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showcase import claims
from showcase.audit.authority import authority
from showcase.audit.control import PlantedLeak
from showcase.audit.foreground import End, Foreground, noted
from showcase.audit.injected import InjectedHook
from showcase.audit.rules import bridgeable, resolved, spelled, unix_sockets
from showcase.audit.sunk import requests, with_sink
from showcase.audit.unrun import never_ran
from showcase.audit.weaknesses import weaknesses
from showcase.claims.contacts import contacts
from showcase.claims.witnessing import COMMAND_ROLE
from showcase.clock import RunClock, utc_now
from showcase.documents.surrogates import escaped
from showcase.engines.daemon_watch import DaemonWatch
from showcase.errors import ShowcaseError
from showcase.evidence import Command, Ending, Environment, Options, Policy, Run
from showcase.orchestrator.outcome import import_ahead, this_platform, versions
from showcase.processes import orphans
from showcase.processes.table import descendants
from showcase.witnesses.panel import CONTROL_ROLE, Panel
from showcase.witnesses.sink import redaction
from showcase.witnesses.sockets import SocketsWitness

if TYPE_CHECKING:
    from showcase.audit.authority import Trusted
    from showcase.audit.request import Request
    from showcase.witnesses.interface import Witness
    from showcase.witnesses.seal.witness import SealWitness
    from showcase.witnesses.syscalls.witness import SyscallsWitness

SAMPLE_PERIOD_S = 0.05
CONTROL_HOLD_S = 10 * SAMPLE_PERIOD_S
_BETWEEN_LOOKS_S = 0.005


def audit(request: Request, *, page: bool = False) -> Run:
    """Run the command and return the log, with verdicts.

    Args:
        request: What to run and how.
        page: Whether a page is made of the log: what that needs is then read before the command starts.

    Raises:
        UsageError: There is no such program or directory.
        ShowcaseError: It was to be sealed and cannot be, or it could not be started.
    """
    request.check()
    import_ahead(page=page)
    try:
        with authority() if request.reveal else nullcontext() as trusted:
            run = escaped(_Audit(request, trusted).conduct())
    finally:
        orphans.let_go()
    return replace(run, claims=claims.judge(run))


def _kernel_witnesses(request: Request) -> tuple[SyscallsWitness | None, SealWitness | None]:
    if sys.platform != "linux":
        if request.sealing != "none":
            raise ShowcaseError(
                "there is no seal on this system: what it takes, network namespaces, is Linux's",
                hint="leave out --seal: sockets and hook watch the command without walls, which comes to `sampled`",
            )
        return None, None
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - modules of Linux
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - likewise

    syscalls = SyscallsWitness()
    return syscalls, None if request.sealing == "none" else SealWitness(syscalls)


class _Audit:
    def __init__(self, request: Request, trusted: Trusted | None) -> None:
        self._request = request
        self._trusted = trusted
        self._hook = InjectedHook((COMMAND_ROLE, CONTROL_ROLE))
        self._syscalls, seal = _kernel_witnesses(request)
        self._bridges: tuple[int, ...] = ()
        witnesses: dict[str, Witness] = {"sockets": SocketsWitness(SAMPLE_PERIOD_S), "hook": self._hook}
        if self._syscalls is not None:
            witnesses["syscalls"] = self._syscalls
        if seal is not None:
            if request.bridges:
                self._bridges = seal.ports = bridgeable(resolved(request.rules))
            reason = seal.unavailable()
            if reason is not None:
                raise ShowcaseError(
                    f"the command cannot be sealed here: {reason}",
                    hint="leave out --seal to watch it without walls, or run this where namespaces are allowed",
                )
            witnesses["seal"] = seal
        self._panel = Panel(witnesses)
        self._supervised = self._syscalls is not None and "syscalls" in self._panel.names
        self._clock = RunClock()
        self._started_at = utc_now()
        self._began_at = time.time()
        self._pid: int | None = None
        self._over = threading.Event()
        self._entering: threading.Thread | None = None

    def conduct(self) -> Run:
        request = self._request
        orphans.adopt()
        before = {process.pid for process in descendants(os.getpid())}
        rules = resolved(request.rules)
        watch = DaemonWatch(rules)
        self._clock = RunClock()
        watch.start(self._clock)
        self._panel.start(self._clock)
        own = dict(request.environment)
        if self._trusted is not None:
            own |= self._trusted.variables
        leak = PlantedLeak(self._panel, {**own, **self._hook.variables(CONTROL_ROLE, own)}, CONTROL_HOLD_S, self._clock)
        if self._supervised and self._syscalls is not None:
            options: tuple[str, ...] = () if request.limit_s is None else ("--for", str(request.limit_s))
            options += ("--unix", "\n".join(unix_sockets(rules)))
            options += ("--sink", "yes") if request.sealing == "sink" else ()
            options += () if self._trusted is None else ("--reveal", str(self._trusted.channel))
            self._syscalls.order(COMMAND_ROLE, "--front", str(os.getpid()), *options)
        with ExitStack() as files:
            foreground = Foreground(
                self._panel.wrap(COMMAND_ROLE, request.launched),
                environment={**own, **self._hook.variables(COMMAND_ROLE, own)},
                cwd=request.cwd,
                stdin=None if request.stdin is None else files.enter_context(request.stdin.open("rb")),
                stdout=sys.stderr if request.stdout_to_stderr else None,
                supervised=self._supervised,
                program=request.command,
                passed=() if self._trusted is None else (self._trusted.channel,),
            )
            started_s = self._clock.now_s()
            try:
                end = foreground.run(limit_s=request.limit_s, started=self._enter)
            except BaseException:
                leak.finish()
                self._panel.stop(None)
                raise
        self._over.set()
        if self._entering is not None:
            self._entering.join()
        self._panel.leave(COMMAND_ROLE, self._pid or 0)
        decoy = leak.finish()
        witnesses, connections = self._panel.stop(decoy)
        asked = requests(self._records(), self._clock)
        # A supervisor stays for what the command left behind.
        ended = (self._clock.at_s(record["t"]) for record in self._records() if record["event"] == "exited")
        ended_s = next(ended, self._clock.at_s(end.ended_at))
        watch.stop()
        if self._supervised:
            orphans.end(self._began_at, spared=before)  # of a supervisor that was killed
            unrun = never_ran(request.command, self._records(), own, request.cwd)
            if unrun is not None:
                raise unrun
        run = Run(
            run_id=str(uuid.uuid4()),
            started_at=self._started_at,
            ended_at=utc_now(),
            duration_s=self._clock.now_s(),
            interrupted=end.stopped_by,
            versions=versions(),
            platform=this_platform(),
            orchestrator_pid=os.getpid(),
            engine=None,
            scenario=None,
            options=Options(infer=False, top_k=0, keep_store=False, witnesses=self._panel.names),
            policy=Policy(allowed=(), rules=with_sink(spelled(resolved(rules), self._records()), asked)),
            requests=asked,
            environment=Environment(
                forced={"PYTHONPATH": "begins with a directory that carries the hook"}, kept=(), left_out=()
            ),
            sessions=(),
            controls=(),
            witnesses=noted(witnesses, end.notes, by="syscalls" if self._supervised else "sockets"),
            connections=connections,
            command=Command(
                arguments=redaction.arguments(request.command),
                pid=self._pid,
                started_s=started_s,
                ended_s=ended_s,
                exit_code=self._status(end),
                ended_by=self._ended_by(end),
                sealing=request.sealing,
                limit_s=request.limit_s,
                bridges=self._bridges,
                weakened_by=weaknesses(request.environment, led_out=request.sealing == "none" or bool(self._bridges)),
            ),
        )
        # One that the command left alone is not its business.
        return replace(run, daemons=watch.daemons(contact.endpoint for contact in contacts(run)))

    def _enter(self, pid: int) -> None:
        """Make the command known to the witnesses, once it has a pid; a supervisor's is not its own."""
        if not self._supervised:
            self._pid = pid
            self._panel.enter(COMMAND_ROLE, pid)
            return
        self._entering = threading.Thread(target=self._enter_launched, name="command", daemon=True)
        self._entering.start()

    def _enter_launched(self) -> None:
        assert self._syscalls is not None, "it supervises"  # noqa: S101 - for the type
        while True:
            over = self._over.is_set()
            pid = self._syscalls.launched_pid(COMMAND_ROLE)
            if pid is not None:
                self._pid = pid
                self._panel.enter(COMMAND_ROLE, pid)
            if pid is not None or over:
                return
            time.sleep(_BETWEEN_LOOKS_S)

    def _records(self) -> list[dict[str, Any]]:
        """Return what the command's supervisor wrote down; nothing where there was none."""
        return self._syscalls.records.get(COMMAND_ROLE, []) if self._supervised and self._syscalls is not None else []

    def _status(self, end: End) -> int | None:
        """Return the command's status, None where its supervisor was ended before all of it had ended."""
        seen = not self._supervised or any(record["event"] == "end" for record in self._records())
        return end.exit_code if seen else None

    def _ended_by(self, end: End) -> Ending:
        if end.out_of_time or any(record["event"] == "out of time" for record in self._records()):
            return "duration"
        return "interruption" if end.stopped_by else "itself"
