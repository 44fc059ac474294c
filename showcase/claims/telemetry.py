"""Claim `telemetry`: the libraries' telemetry was off as they read it, and none of its hosts was looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.egress import name
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.numbers import is_lookup
from showcase.claims.policy import dispositions
from showcase.claims.reading import counted, listing
from showcase.claims.table import incomplete
from showcase.claims.witnessing import strength, unfinished

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run, Session, Verdict

HOSTS = (
    "posthog.com",
    "raw.githubusercontent.com",
    "huggingface.co",
    "hf.co",
    "sentry.io",
    "segment.io",
    "segment.com",
    "trychroma.com",
)
"""Domains that mem0 2.2, posthog, chromadb and huggingface_hub were seen or are known to send to."""

OFF = {
    ("mem0", "MEM0_TELEMETRY"): "False",
    ("posthog", "mem0's client"): "none",
    ("chromadb", "CHROMA_OTEL_COLLECTION_ENDPOINT"): "''",
    ("huggingface_hub", "HF_HUB_DISABLE_TELEMETRY"): "True",
    ("huggingface_hub", "HF_HUB_OFFLINE"): "True",
}
"""Library and switch to what the library reads where it is off, as Python writes it."""

_MEM0 = ("mem0", "posthog", "chromadb")

EXPECTED = {
    "plant": _MEM0,
    "recall": _MEM0,
    "second-user": _MEM0,
    "empty-store": _MEM0,
    "unfiltered-read": ("chromadb",),
    "forget": _MEM0,
    "after-forget": _MEM0,
}
"""Libraries whose switches a process of each scene has to report."""

MEM0_ON = frozenset({"true", "1", "yes"})
"""Values of MEM0_TELEMETRY that switch mem0's on."""


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
            if not switch.off or OFF.get((switch.library, switch.switch), switch.value) != switch.value
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
        gap = unfinished(run) or _unread(run) or incomplete(run, carried.carried_by)
        if gap is None and carried.level is None:
            gap = "no witness could look" + (f": {carried.refused[0]}" if carried.refused else "")
        foreign = any(how.kind == "finding" for how in dispositions(run))
        if gap is None and foreign and not any(map(is_lookup, run.connections)):
            gap = "a connection left whose name was not seen: it may have been telemetry"
        if gap is not None or carried.level is None:
            return inconclusive(self, gap or "no witness could look", limits=carried.limits)
        said = [limits.READ_ONCE.text, *carried.limits]
        if "hook" not in carried.carried_by:
            said.append(limits.NO_LOOKUPS.of())
        switches = sum(len(item.telemetry) for item, _, _ in processes)
        return upheld(
            self,
            carried.level,
            f"{counted(switches, 'switch', 'switches')} off in {counted(len(processes), 'process', 'processes')}, "
            "as the libraries read them; no telemetry host was looked up",
            evidence=["/environment", *(f"/{key}/{n}/telemetry" for _, key, n in processes)],
            limits=said,
        )


def _unread(run: Run) -> str | None:
    """Return whose switches were not read as they have to be, None where all were."""
    for item in (*run.sessions, *run.controls):
        strange = next((each for each in item.telemetry if (each.library, each.switch) not in OFF), None)
        if strange is not None:
            return f"{item.scene} reported a switch {strange.switch!r} of {strange.library!r} that nobody knows"
        reported = {each.library for each in item.telemetry}
        missing = [library for library in _expected(item, run) if library not in reported]
        if missing:
            return f"{item.scene} did not report the switches of {listing(missing)}"
    forced = run.environment.forced.get("MEM0_TELEMETRY", "")
    if forced.strip().lower() in MEM0_ON:
        return f"the processes were given MEM0_TELEMETRY={forced}, and say that it was off"
    return None


def _expected(item: Session, run: Run) -> tuple[str, ...]:
    """Return the libraries whose switches a process has to report: on another engine mem0 loads no chromadb.

    The reader without mem0 imports it before it is told which engine it is to read.
    """
    of_scene = EXPECTED.get(item.scene, ())
    is_chroma = run.store is None or run.store.kind == "chroma" or item.scene == "unfiltered-read"
    return tuple(library for library in of_scene if is_chroma or library != "chromadb")


def _is_telemetry(row: Attempt) -> bool:
    hosts = [(text or "").lower().rstrip(".") for text in (row.name, row.address)]
    return any(host == domain or host.endswith("." + domain) for host in hosts for domain in HOSTS)
