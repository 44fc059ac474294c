"""Claim `egress`: no connection, lookup or send went anywhere but where the policy allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import limits
from showcase.claims.destinations import names_of_the_sink, number_of_destinations, stands_for
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.numbers import is_lookup
from showcase.claims.policy import UNIX, dispositions
from showcase.claims.policy_flaw import policy_flaw
from showcase.claims.reading import counted, listing
from showcase.claims.store_server import away, called, on_the_way, server_of
from showcase.claims.table import incomplete, served, strangers_served
from showcase.claims.withheld import prevented, way_out, withheld
from showcase.claims.witnessing import has_own_engine, strength, unfinished
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Command, Level, Run, Verdict

_CRASHES = 0x40010000
"""From here on a status of Windows is the system's own, see `shell.endings`; a shell's and a program's are below."""


class Egress:
    """Everything seen is allowed by the policy or internal to the watched processes."""

    id = "egress"
    title = "Nothing left the machine"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from the table of connections and from who looked."""
        kinds = [how.kind for how in dispositions(run)]
        judged = [(n, row, kind) for n, (row, kind) in enumerate(zip(run.connections, kinds, strict=True))]
        findings = [(number, row) for number, row, kind in judged if kind == "finding"]
        if findings:
            rows = [row for _, row in findings]
            return broken(
                self,
                _level_of(rows),
                _outside(rows, run),
                evidence=[f"/connections/{number}" for number, _ in findings],
                limits=_beside(run),
            )
        carried = strength(run)
        gap = unfinished(run)
        if gap is None and carried.level is None:
            gap = "no witness could look" + (f": {carried.refused[0]}" if carried.refused else "")
        gap = gap or prevented(run) or policy_flaw(run) or incomplete(run, carried.carried_by)
        gap = gap or _unwatched([row for _, row, kind in judged if kind == "unwatched"], run)
        gap = gap or _unseen([row for _, row, kind in judged if kind == "unseen"])
        gap = gap or _entered(run, [row for _, row, kind in judged if kind == "exposed"])
        if gap is not None or carried.level is None:
            return inconclusive(self, gap or "no witness could look", limits=carried.limits)
        used = [row for _, row, kind in judged if kind == "allowed"]
        where = listing([str(each) for each in (*run.policy.allowed, *run.policy.rules)]) or "nowhere"
        contacted = _contacted(used, where)
        store = away(run)
        if store is not None:
            contacted = (
                f"memories left this machine: they went to {store.where} alone, {on_the_way(store)}; {contacted}"
            )
        if run.command is not None and not used:
            were = "was" if len(run.policy.allowed) + len(run.policy.rules) < 2 else "were"  # noqa: PLR2004 - several
            contacted = f"nobody was contacted over a network but the command's own processes; {where} {were} allowed"
        refused = withheld(run)
        if refused is not None:
            way = way_out(run)
            contacted += f"; {refused}, so it may not have got to what it does elsewhere{f': {way}' if way else ''}"
        return upheld(
            self,
            carried.level,
            f"{contacted}; watched by {listing(carried.carried_by, limit=9)}, which caught the leak planted for them",
            evidence=["/policy", "/connections", "/witnesses"],
            limits=[*_beside(run), *carried.limits, *_around(run), limits.FILES.text],
        )


def _outside(rows: list[Attempt], run: Run) -> str:
    """Return how many destinations no rule allows, and which: of one there may be several rows."""
    number, names = number_of_destinations(rows, run), names_of_the_sink(run)
    kinds = "" if number == len(rows) else f", in {len(rows)} kinds of attempt"
    which = listing(list(dict.fromkeys(name(row, stands_for(row, names)) for row in rows)))
    return f"{counted(number, 'destination')} outside the policy{kinds}: {which}"


def _contacted(rows: list[Attempt], where: str) -> str:
    times = sum(row.count for row in rows)
    if times == 1:
        return f"1 {'lookup' if is_lookup(rows[0]) else 'connection'}, to {where}"
    return f"{times} connections and lookups, all to {where}"


def name(row: Attempt, whom: str | None = None) -> str:
    """Return a row's destination, the name `whom` for which its address stands, and who tried it, in words."""
    if row.kind == "lookup":
        where = f"lookup of {row.name}" if is_lookup(row) else f"number {row.name}"
    elif row.kind == "reach":
        where = f"{row.family} on {row.name}"
    elif row.address is None:
        where = f"{row.kind} {row.name or row.family}"
    else:
        host = f"[{row.address}]" if ":" in row.address else row.address
        where = f"{row.kind} {host}:{row.port}" if row.port is not None else f"{row.kind} {host}"
    by = f" by {row.package}" if row.package else ""
    return f"{where}{f' for {whom}' if whom else ''} ({row.role}{by})"


def _unwatched(rows: list[Attempt], run: Run) -> str | None:
    which = listing([name(row) for row in rows])
    if not rows:
        return None
    way_out = f"; --allow {UNIX}{rows[0].name} allows it" if run.command is not None else ""
    return f"a Unix socket was used whose other end nobody watched: {which}{way_out}"


def _unseen(rows: list[Attempt]) -> str | None:
    sockets = [name(row) for row in rows if row.kind != "lookup"]
    if sockets:
        return f"a datagram socket was connected, and what it may have sent was not seen: {listing(sockets)}"
    numbers = [name(row) for row in rows]
    return f"whether the name of a number was asked for was not seen: {listing(numbers)}" if numbers else None


def _entered(run: Run, exposed: list[Attempt]) -> str | None:
    """Return where others may have come in and fetched something, None where nobody did."""
    if exposed:
        return f"a process waited where other machines can come in: {listing([name(row) for row in exposed])}"
    visited = [name(row) for row in strangers_served(run)] if run.command is None else []
    if visited:
        return f"somebody came in who is no process of this run: {listing(visited)}"
    return None


def _around(run: Run) -> list[str]:
    """Return the ways out of the watched processes that the table cannot judge."""
    said = []
    if run.engine is not None and not has_own_engine(run):
        said.append(limits.SERVER_BESIDE.of())
    store = server_of(run)
    if store is not None:
        said.append((limits.STORE_BESIDE if store.is_here else limits.STORE_AWAY).of(server=called(store)))
        said += [limits.TLS_INSISTED.of()] if store.tls else []
    waiting = [] if "seal" in strength(run).carried_by else served(run)
    if waiting:
        said.append(limits.CAME_IN.of(where=listing([name(row) for row in waiting])))
    told = [
        row
        for row, how in zip(run.connections, dispositions(run), strict=True)
        if row.family == "unix" and how.kind == "allowed"
    ]
    if told:
        which = listing([name(row) for row in told])
        said.append(limits.UNIX_ALLOWED.of(sockets=counted(len(told), "Unix socket"), which=which))
    if run.command is not None and (died := how_it_died(run.command)) is not None:
        said.append(limits.DIED.of(how=died))
    if run.storage is not None and run.storage.carried_by:
        said.append(limits.CARRIED.of(carrier=run.storage.carried_by))
    return said


def how_it_died(command: Command) -> str | None:
    """Return what ended a command that nobody here ended, None where it left by itself: a crash, or a kill."""
    code = command.exit_code
    if command.ended_by != "itself" or code is None or 0 <= code < _CRASHES:
        return None
    return ending(code)


def _beside(run: Run) -> list[str]:
    """Return what has to be known beside what was seen of a command: its walls, and what weakens them."""
    if run.command is None:
        return []
    walled = run.command.sealing != "none" and "seal" in strength(run).carried_by
    return ([limits.SEALED.text] if walled else []) + list(run.command.weakened_by)


def _level_of(rows: list[Attempt]) -> Level:
    seen = {witness for row in rows for witness in row.witnesses}
    return "sampled" if seen == {"sockets"} else "recorded"
