"""Claim `telemetry`: the libraries' telemetry was off as they read it, and none of its hosts was looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.egress import name
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.policy import dispositions
from showcase.claims.reading import counted, listing
from showcase.claims.witnessing import strength, unfinished

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run, Verdict

HOSTS = (
    "posthog.com",
    "raw.githubusercontent.com",
    "huggingface.co",
    "hf.co",
    "sentry.io",
    "segment.io",
    "trychroma.com",
)
"""Domains that mem0 2.2, posthog, chromadb and huggingface_hub were seen or are known to send to."""

EXPECTED = {
    "plant": ("mem0", "chromadb"),
    "recall": ("mem0", "chromadb"),
    "second-user": ("mem0", "chromadb"),
    "empty-store": ("mem0", "chromadb"),
    "unfiltered-read": ("chromadb",),
}
"""Libraries whose switches a process of each scene has to report."""


class Telemetry:
    """Every switch off in every worker, as read by the library itself; no lookup of a telemetry host."""

    id = "telemetry"
    title = "The libraries' telemetry was off"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from the switches in force and from the lookups seen."""
        processes = [
            *((item, "sessions", n) for n, item in enumerate(run.sessions)),
            *((item, "controls", n) for n, item in enumerate(run.controls)),
        ]
        on = [
            (f"{switch.switch} = {switch.value} in {switch.library} ({item.scene})", f"/{key}/{n}/telemetry")
            for item, key, n in processes
            for switch in item.telemetry
            if not switch.off
        ]
        if on:
            return broken(
                self,
                "recorded",
                f"telemetry was on: {listing([text for text, _ in on])}",
                evidence=[place for _, place in on],
            )
        hosts = [(n, row) for n, row in enumerate(run.connections) if _is_telemetry(row)]
        if hosts:
            return broken(
                self,
                "recorded",
                f"a telemetry host was contacted: {listing([name(row) for _, row in hosts])}",
                evidence=[f"/connections/{n}" for n, _ in hosts],
            )
        carried = strength(run)
        gap = unfinished(run)
        for item, _, _ in processes:
            reported = {switch.library for switch in item.telemetry}
            missing = [library for library in EXPECTED.get(item.scene, ()) if library not in reported]
            if gap is None and missing:
                gap = f"{item.scene} did not report the switches of {listing(missing)}"
        if gap is None and carried.level is None:
            gap = "no witness could look" + (f": {carried.refused[0]}" if carried.refused else "")
        foreign = any(how.kind == "finding" for how in dispositions(run))
        if gap is None and foreign and not any(row.kind == "lookup" for row in run.connections):
            gap = "a connection left whose name was not seen: it may have been telemetry"
        if gap is not None or carried.level is None:
            return inconclusive(self, gap or "no witness could look", limits=carried.limits)
        limits = list(carried.limits)
        if "hook" not in carried.carried_by:
            limits.append("no witness that sees name lookups counted")
        switches = sum(len(item.telemetry) for item, _, _ in processes)
        return upheld(
            self,
            carried.level,
            f"{counted(switches, 'switch', 'switches')} off in {counted(len(processes), 'process', 'processes')}, "
            "as the libraries read them; no telemetry host was looked up",
            evidence=["/environment", *(f"/{key}/{n}/telemetry" for _, key, n in processes)],
            limits=limits,
        )


def _is_telemetry(row: Attempt) -> bool:
    host = (row.name or "").lower().rstrip(".")
    return any(host == domain or host.endswith("." + domain) for domain in HOSTS)
