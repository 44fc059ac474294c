"""The finding: the first page in print, which an officer can file. One page, whatever the log holds.

It says nothing that the log does not: what cannot be known from it is a line to fill in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from typing import TYPE_CHECKING

from showcase.claims import language
from showcase.claims.store_server import away, described, on_the_way
from showcase.report import claims_view, command_view, model_view, witness_view
from showcase.report.attempts import AttemptLine, attempt_lines
from showcase.report.limits import in_short
from showcase.report.local_time import local_time
from showcase.report.room import LINE, cut, lines, width
from showcase.report.seen import seen
from showcase.report.text import counted, listed, seconds, size
from showcase.report.tried import held_back

if TYPE_CHECKING:
    from showcase.evidence import Run
    from showcase.report.embed import EmbeddedLog

_CLAIMS = 9
_REMARKS = 3
_ALLOWED = 8
_VERSIONS = 12
_ATTEMPTS = 3
"""How many of each the page names; of what is left it says how many that are."""

_LINES = 50
"""What a page of US Letter, the shorter one, has beside its title, its table's head and the signature."""

_BETWEEN = 0.45
"""Lines that separate two rows."""

_ROOMY, _ROOMY_LINES = 3, 26
"""Up to so many claims, beside so many lines, leave room for larger letters."""

_LEAST = 2.7
"""Lines without which a claim would say nothing; where there are fewer, there are fewer claims."""

_COUNTED = 70
"""What limits take that are counted and not spelled out, with the claim's heading."""

_WORST_FIRST = ("broken", "inconclusive", "upheld")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact. `fill` is what to write on an empty line above it, `exact` a text that is not prose."""

    label: str
    lines: tuple[str, ...]
    fill: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim; `limits` in short."""

    status: str
    level: str
    heading: str
    reason: str
    limits: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The page. `elsewhere` are claims, `unshown` attempts that no rule allows, for which it has no room.

    `held` says whether something kept those in, where that is known.
    """

    subject: str
    headline: claims_view.Headline
    held: str
    remarks: tuple[str, ...]
    entries: tuple[Entry, ...]
    claims: tuple[ClaimLine, ...]
    roomy: bool
    elsewhere: int
    seen: str
    attempts: tuple[AttemptLine, ...]
    unshown: int
    digests: tuple[tuple[str, str], ...]


def finding(run: Run, log: EmbeddedLog, *, redacted: bool, sha256: str | None) -> Finding:
    """Return the finding of a run.

    Args:
        run: The run, with its verdicts.
        log: The log as the page holds it.
        redacted: Whether `run` went through `redact`.
        sha256: Digest of the log as it was read, None where it is the one that the page holds.
    """
    remarks = _remarks(run, redacted=redacted)
    tried = [line for line in attempt_lines(run) if not line.harmless]
    entries = tuple(_entries(run, redacted=redacted))
    taken = sum(lines(remark) for remark in remarks) + sum(_cost(entry) for entry in entries)
    taken += sum(lines(line.sentence) for line in tried[:_ATTEMPTS])
    claims = _claims(run, _LINES - taken)
    return Finding(
        subject="Audit of a command" if run.command is not None else "Memory across sessions: a run of the showcase",
        headline=claims_view.headline(run),
        held=" ".join(each.text for each in held_back(run)),
        remarks=remarks,
        entries=entries,
        claims=claims,
        roomy=len(run.claims) <= _ROOMY and taken <= _ROOMY_LINES,
        elsewhere=len(run.claims) - len(claims),
        seen=seen(run),
        attempts=tuple(tried[:_ATTEMPTS]),
        unshown=max(0, len(tried) - _ATTEMPTS),
        digests=_digests(log, redacted=redacted, sha256=sha256),
    )


def _remarks(run: Run, *, redacted: bool) -> tuple[str, ...]:
    """Return what qualifies all that follows, the gravest first."""
    remarks = [f"The log does not give what it says: {sentence}" for sentence in claims_view.departures(run)]
    if run.interrupted is not None:
        remarks.append(f"Cut short: {run.interrupted}. What follows is what was seen until then.")
    if run.command is not None and run.command.weakened_by:
        remarks.append(f"The command's environment weakens the audit: {'; '.join(run.command.weakened_by)}.")
    remarks += [
        f"A witness looked and carries no claim: {seen.refused}." for seen in witness_view.witnesses(run) if seen.failed
    ]
    if redacted:
        remarks.append("Redacted: texts, users, command lines and paths are numbered pseudonyms.")
    store = away(run)
    if store is not None:
        remarks.insert(0, f"Memories of this run left this machine: to {store.where}, {on_the_way(store)}.")
    if run.engine is not None and run.engine.is_rehearsal:
        remarks.append("No language model took part: the rehearsal engine quotes what the prompt holds.")
    if (found := language.remark(run)) is not None:
        remarks.append(f"{found.unknown} {found.so}.")
    shown = [cut(remark, 250) for remark in remarks[:_REMARKS]]
    left = len(remarks) - len(shown)
    return (*shown, *([f"{counted(left, 'more remark')} of this kind on the page."] if left else ()))


def _entries(run: Run, *, redacted: bool) -> list[Entry]:
    """Return who ran what, when, on which machine, under which rules, and who looked."""
    machine = run.platform
    cpus = "CPUs not recorded" if machine.cpus is None else counted(machine.cpus, "CPU")
    return [
        Entry("Run by", (), fill="name and office: the log holds no name"),
        *_what(run),
        Entry("When", _when(run, redacted=redacted)),
        Entry(
            "Machine",
            (cut(f"{machine.system} {machine.release}, {machine.machine}, {cpus}, {_memory(run)}", 200),),
            fill="name or inventory number: the log holds none",
        ),
        *_versions(run),
        Entry("Allowed", (_allowed(run),)),
        Entry("Watched by", _watched(run)),
    ]


def _versions(run: Run) -> list[Entry]:
    """Return what looked, in an audit by a name that nobody takes for the command's."""
    python = f"{run.platform.implementation} {run.platform.python}"
    names = [f"{cut(name, 24)} {cut(version, 20)}" for name, version in run.versions.items()]
    told = f"{_some([cut(python, 30), *names], _VERSIONS)}."
    if run.command is None:
        return [Entry("Versions", (told,))]
    return [Entry("Audited with", (f"Showcase and its libraries, which are not the command's: {told}",))]


def _memory(run: Run) -> str:
    amount = run.platform.memory_bytes
    return "memory not recorded" if amount is None else f"{size(amount)} of memory"


def _what(run: Run) -> list[Entry]:
    command = command_view.command(run)
    if command is not None:
        return [
            Entry("Command", (cut(command.line, 900 if len(run.claims) <= _ROOMY else 300),), exact=True),
            Entry(
                "Its end",
                (cut(f"{command.end}; pid {command.pid}, {command.lived}. Attempts count from its start.", 200),),
            ),
            Entry("Seal", (cut(command.seal, 280),)),
        ]
    scenario = "none" if run.scenario is None else f"“{cut(run.scenario.title, 80)}”"
    done = f"{counted(len(run.sessions), 'session')} and {counted(len(run.controls), 'control')}"
    return [
        Entry("Run", (f"{done}; scenario {scenario}.",)),
        Entry("Engine", (_engine(run), *_file(run))),
        *([] if run.store is None else [Entry("Store", (f"{cut(described(run.store), 200)}.",))]),
    ]


def _engine(run: Run) -> str:
    engine = run.engine
    if engine is None:
        return "No model server was reached."
    models = f"{cut(engine.chat_model.name, 50)} with {cut(engine.embed_model.name, 50)}"
    kind = claims_view.engine_kind(run)
    return f"{kind[:1].upper()}{kind[1:]}, {cut(engine.version, 40)}, at {engine.endpoint}: {models}."


def _file(run: Run) -> tuple[str, ...]:
    """Return whose file the chat model is, where it is one."""
    found = model_view.chat_file(run)
    return (f"The chat model's file: {cut(found, 250)}.",) if found else ()


def _when(run: Run, *, redacted: bool) -> tuple[str, ...]:
    zone = timezone.utc if redacted else None
    began, ended = (cut(local_time(moment, zone), 80) for moment in (run.started_at, run.ended_at))
    whose = (
        "UTC, so that it does not tell where this was" if redacted else "Local time of the machine that wrote this page"
    )
    return (
        f"{began} to {ended}, {seconds(run.duration_s)}",
        f"{whose}; in the log {cut(run.started_at, 40)}.",
    )


def _allowed(run: Run) -> str:
    rules = [cut(rule, 60) for rule in command_view.allowed(run)]
    inside = "what stays between the watched processes"
    words = f"{_some(rules, _ALLOWED)}, and {inside}." if rules else f"Nothing but {inside}."
    if run.command is not None and run.command.bridges:
        ports = [str(port) for port in run.command.bridges]
        words += f" Bridged out of the seal: {'ports' if len(ports) > 1 else 'port'} {_some(ports, _ALLOWED)}."
    return words


def _some(items: list[str], shown: int) -> str:
    """Return a list in words, up to a number of items and with the number of those that are left."""
    left = len(items) - shown
    return listed([*items[:shown], f"{left:,} more in the log"] if left > 0 else items)


def _watched(run: Run) -> tuple[str, ...]:
    found = witness_view.witnesses(run)
    carrying = [cut(seen.report.name, 20) for seen in found if not seen.refused]
    others = [cut(seen.report.name, 20) for seen in found if seen.refused]
    caught = "which caught the leak planted for " + ("it" if len(carrying) == 1 else "each of them")
    return (
        f"{_some(carrying, _ALLOWED)}, {caught}." if carrying else "Nobody whose silence would count.",
        *([f"In the log, and carrying no claim: {_some(others, _ALLOWED)}."] if others else ()),
    )


def _cost(entry: Entry) -> float:
    """Return how many lines an entry takes; letters of one width are wider."""
    wider = 0.8 if entry.exact else 1.0
    return sum(lines(line, int(LINE * wider)) for line in entry.lines) + (1.4 if entry.fill else 0) + _BETWEEN


def _claims(run: Run, room: float) -> tuple[ClaimLine, ...]:
    """Return the claims, the worst first, in so many lines; what is not upheld gets most of them.

    What a claim does not need of its share is left to those after it.
    """
    found = []
    chosen = sorted(run.claims, key=lambda verdict: _WORST_FIRST.index(verdict.status))
    chosen = chosen[: min(_CLAIMS, max(1, int(room / _LEAST)))]
    letters = (room - (0.5 + _BETWEEN) * len(chosen)) * LINE
    weights = [1 if verdict.status == "upheld" else 3 for verdict in chosen]
    for place, verdict in enumerate(chosen):
        heading = cut(claims_view.named(verdict, run), 60)
        share = letters * weights[place] / sum(weights[place:]) - width(heading)
        reason = cut(verdict.reason, max(share - _COUNTED, 60))
        limits = in_short(verdict, run, share - width(reason) - _COUNTED)
        letters -= width(heading) + width(reason) + max(width(limits), _COUNTED / 2)
        found.append(
            ClaimLine(
                status=verdict.status,
                level=verdict.level or "no level",
                heading=heading,
                reason=reason,
                limits=limits,
            )
        )
    return tuple(found)


def _digests(log: EmbeddedLog, *, redacted: bool, sha256: str | None) -> tuple[tuple[str, str], ...]:
    """Return what to compare, each with what it is of."""
    if sha256 is None or sha256 == log.sha256:
        return (("the redacted log, which is in the page" if redacted else "the log", log.sha256),)
    held = "the redacted log, which is in the page" if redacted else "the log in the page, in today's form"
    return (("the log as it was read", sha256), (held, log.sha256))
