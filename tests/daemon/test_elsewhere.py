"""A server as psutil alone tells of it, where there is no `/proc/net`: what it refuses to tell was not seen."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from beside import server

from showcase.audit import rules
from showcase.clock import RunClock
from showcase.engines.daemon_watch import DaemonWatch
from showcase.engines.daemon_watch.elsewhere import PsutilLooker
from showcase.evidence import Daemon, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the server here is made by fork")

Refusal = type[psutil.Error] | type[OSError]


def refuses(method: Callable[..., Any], which: Callable[[int], bool], how: Refusal) -> Callable[..., Any]:
    def asked(self: psutil.Process, *arguments: Any, **named: Any) -> Any:
        if which(self.pid):
            raise how(self.pid)
        return method(self, *arguments, **named)

    return asked


def looked(port: int, then: Callable[[], None] = lambda: None) -> Daemon:
    """Return what is known of a server that psutil was asked about for a while, `then` being done in between."""
    watch = DaemonWatch([rules.parse(f"127.0.0.1:{port}")])
    watch._looker = PsutilLooker()
    watch.start(RunClock())
    time.sleep(0.3)
    then()
    time.sleep(0.3)
    (facts,) = watch.daemons([Endpoint(address="127.0.0.1", port=port)])
    return facts


def test_it_is_seen_where_psutil_tells() -> None:
    """The positive control of what is refused below."""
    with server() as port:
        facts = looked(port)
    assert (facts.sight, facts.unseen, len(facts.processes)) == ("processes", "", 1)
    assert facts.looks >= 2


@pytest.mark.parametrize("how", [psutil.AccessDenied, PermissionError])
def test_who_listens_is_told_to_root_alone(monkeypatch: pytest.MonkeyPatch, how: Refusal) -> None:
    def refused(kind: str) -> None:
        raise how(kind)

    with server() as port:
        monkeypatch.setattr(psutil, "net_connections", refused)
        facts = looked(port)
    assert (facts.sight, facts.looks, facts.processes, facts.sockets) == ("none", 0, (), ())
    assert "this system does not say who listens" in facts.unseen


@pytest.mark.parametrize("how", [psutil.AccessDenied, PermissionError])
def test_what_another_user_s_server_holds_is_not_told(monkeypatch: pytest.MonkeyPatch, how: Refusal) -> None:
    with server() as port:
        before = psutil.Process.net_connections
        # The list of all sockets is asked of the system and not of the process.
        monkeypatch.setattr(psutil.Process, "net_connections", refuses(before, lambda _: True, how))
        facts = looked(port)
    assert (facts.sight, facts.looks, facts.sockets) == ("none", 0, ())
    assert "this system shows them to their owner and to root" in facts.unseen


def test_a_server_without_a_number_is_another_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = psutil.net_connections

    def unnumbered(kind: str) -> list[Any]:
        return [each._replace(pid=None) for each in rows(kind=kind)]

    with server() as port:
        monkeypatch.setattr(psutil, "net_connections", unnumbered)
        facts = looked(port)
    assert (facts.sight, facts.looks) == ("none", 0)


def test_a_refusal_that_comes_later_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen before stays known, and from then on nobody looked."""

    def refused(kind: str) -> None:
        raise psutil.AccessDenied(0, kind)

    with server() as port:
        facts = looked(port, lambda: monkeypatch.setattr(psutil, "net_connections", refused))
    assert facts.sight == "none"
    assert "this system does not say who listens" in facts.unseen
    assert [each.port for each in facts.sockets if each.kind == "listen"] == [port]


@pytest.mark.parametrize("how", [psutil.NoSuchProcess, psutil.ZombieProcess])
def test_a_child_that_has_ended_hides_nothing(monkeypatch: pytest.MonkeyPatch, how: Refusal) -> None:
    """A server's children come and go; that one is gone when it is asked is no refusal."""
    gone = 2**30
    with server() as port:
        child = psutil.Process()
        monkeypatch.setattr(psutil.Process, "children", lambda self, **_: [child] if self.pid != child.pid else [])
        child._pid = gone
        before = psutil.Process.net_connections
        monkeypatch.setattr(psutil.Process, "net_connections", refuses(before, lambda pid: pid == gone, how))
        facts = looked(port)
    assert (facts.sight, len(facts.processes)) == ("processes", 1)
