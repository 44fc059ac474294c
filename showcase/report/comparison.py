"""Two runs or more beside each other: what differs is marked, what was not observed is said."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.policy import dispositions
from showcase.evidence import Recall, Reply, Run, Verdict
from showcase.report import claims_view, drill_view, model_view
from showcase.report.environment import render_page
from showcase.report.page import stamp
from showcase.report.text import counted, seconds, size
from showcase.report.titles import title

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ABSENT = "not recorded"


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in every run; None where a run has no verdict on it, `departs` where the log does not give it."""

    heading: str
    verdicts: tuple[Verdict | None, ...]
    departs: tuple[bool, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class FactRow:
    """One property in every run."""

    name: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """One memory that some session 2 recalled, with its cosine in every run; None where it did not come back."""

    text: str
    recalls: tuple[Recall | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page: a column for each run."""

    names: tuple[str, ...]
    headlines: tuple[claims_view.Headline, ...]
    departures: tuple[tuple[str, ...], ...]
    claims: tuple[ClaimRow, ...]
    groups: tuple[tuple[str, tuple[FactRow, ...]], ...]
    memories: tuple[MemoryRow, ...]
    replies: tuple[Reply | None, ...]
    summary: str


def render_comparison(runs: Sequence[tuple[str, Run]], *, redacted: bool = False) -> str:
    """Return one page that shows runs beside each other.

    Args:
        runs: Name of each column, and the run.
        redacted: Whether the runs went through `redact`.
    """
    logs = [claims_view.of_now(run) for _, run in runs]
    claims = _claims(logs)
    differing = [f"“{row.heading}”" for row in claims if row.differs]
    return render_page(
        "comparison.html.j2",
        redacted=redacted,
        page=Comparison(
            names=tuple(name for name, _ in runs),
            headlines=tuple(claims_view.headline(run) for run in logs),
            departures=tuple(claims_view.departures(run) for run in logs),
            claims=claims,
            groups=tuple((title, _facts(logs, table)) for title, table in _GROUPS.items()),
            memories=_memories(logs),
            replies=tuple(_second_reply(run) for run in logs),
            summary=(
                f"{counted(len(differing), 'verdict')} of {len(claims)} "
                f"{'differs' if len(differing) == 1 else 'differ'}: {', '.join(differing)}."
                if differing
                else f"{'No verdict' if claims else 'Nothing was judged, so no verdict'} differs."
            ),
        ),
    )


def _claims(runs: Sequence[Run]) -> tuple[ClaimRow, ...]:
    ids = dict.fromkeys(verdict.id for run in runs for verdict in run.claims)
    departing = [claims_view.departing(run) for run in runs]
    rows = []
    for claim in ids:
        departs = tuple(claim in claims for claims in departing)
        found = tuple(next((v for v in run.claims if v.id == claim), None) for run in runs)
        outcomes = {None if v is None else (v.status, v.level) for v in found}
        differs = len(outcomes) > 1 or len(set(departs)) > 1
        rows.append(ClaimRow(title(claim, "inconclusive"), verdicts=found, departs=departs, differs=differs))
    return tuple(rows)


def _second_reply(run: Run) -> Reply | None:
    return next((session.reply for session in run.sessions if session.scene == "recall"), None)


def _memories(runs: Sequence[Run]) -> tuple[MemoryRow, ...]:
    recalled = [
        {row.text: row for s in run.sessions if s.scene == "recall" for row in s.recalled or ()} for run in runs
    ]
    texts = dict.fromkeys(text for rows in recalled for text in rows)
    found = [(text, tuple(rows.get(text) for rows in recalled)) for text in texts]
    return tuple(MemoryRow(text=text, recalls=row, differs=None in row) for text, row in found[:200])


def _facts(runs: Sequence[Run], table: dict[str, Callable[[Run], str]]) -> tuple[FactRow, ...]:
    rows = []
    for name, read in table.items():
        values = tuple(read(run) for run in runs)
        rows.append(FactRow(name=name, values=values, differs=len(set(values)) > 1))
    return tuple(rows)


def _engine(read: Callable[[Run], str]) -> Callable[[Run], str]:
    return lambda run: read(run) if run.engine is not None else "no engine was reached"


def _lifetime(run: Run) -> str:
    lived = [s.ended_s - s.started_s for s in run.sessions if s.ended_s is not None]
    return seconds(sum(lived)) if lived else _ABSENT


def _first_token(run: Run) -> str:
    reply = _second_reply(run)
    return seconds(reply.tokens[0].at_s) if reply is not None and reply.tokens else _ABSENT


def _tokens(run: Run) -> str:
    reply = _second_reply(run)
    if reply is None or reply.prompt_tokens is None or reply.reply_tokens is None:
        return _ABSENT
    return f"{reply.prompt_tokens:,} and {reply.reply_tokens:,}"


def _connections(run: Run) -> str:
    kinds = Counter(how.kind for how in dispositions(run))
    return ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())) or "none in the log"


def _witnesses(run: Run) -> str:
    return ", ".join(w.name if w.active else f"{w.name} (did not look)" for w in run.witnesses) or "none"


def _prompts(run: Run) -> str:
    outcomes = Counter(prompt.outcome for session in run.sessions for prompt in session.prompts)
    return ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items())) or _ABSENT


def _empty_adds(run: Run) -> str:
    causes = Counter(add.cause for session in run.sessions for add in session.empty_adds)
    return ", ".join(f"{count:,} {cause}" for cause, count in sorted(causes.items())) or "none in the log"


def _rung(run: Run) -> str:
    if run.engine is None or run.engine.plan is None:
        return _ABSENT
    return run.engine.plan.chosen or "none fits"


def _licence(run: Run) -> str:
    return _ABSENT if run.engine is None else run.engine.chat_model.license or _ABSENT


def _digest(run: Run) -> str:
    if run.engine is None:
        return "no engine was reached"
    found = model_view.model(run.engine, run.engine.chat_model)
    return f"{run.engine.chat_model.digest or _ABSENT}{f', a file {found.file}' if found.file else ''}"


def _drill(run: Run) -> str:
    matrix = drill_view.drill(run)
    if matrix is None:
        return "no drill in the log"
    return matrix.summary + (f" Worse than documented: {matrix.worse}." if matrix.worse else "")


def _store(run: Run) -> str:
    last = next((s.store_after for s in reversed(run.sessions) if s.store_after is not None), None)
    if last is not None and last.by == "rows":
        return counted(sum(table.rows for table in last.tables), "row")
    return _ABSENT if last is None else size(sum(file.size_bytes for file in last.files))


_GROUPS: dict[str, dict[str, Callable[[Run], str]]] = {
    "The run": {
        "Started": lambda run: stamp(run.started_at),
        "Took": lambda run: seconds(run.duration_s),
        "Sessions lived, together": _lifetime,
        "Cut short": lambda run: run.interrupted or "no",
        "Scenario": lambda run: run.scenario.title if run.scenario else "none: an audit",
        "Extraction by the model": lambda run: "yes (infer)" if run.options.infer else "no",
        "Rows asked for": lambda run: str(run.options.top_k),
        "Adds that stored nothing": _empty_adds,
        "Memories planted": lambda run: str(sum(len(s.planted) for s in run.sessions)),
        "Store at the end": _store,
    },
    "Engine": {
        "Kind": claims_view.engine_kind,
        "Version": _engine(lambda run: run.engine.version if run.engine else ""),
        "Chat model": _engine(lambda run: run.engine.chat_model.name if run.engine else ""),
        "Digest of the chat model": _digest,
        "Licence of the chat model": _licence,
        "Embedding model": _engine(lambda run: run.engine.embed_model.name if run.engine else ""),
        "What the plan chose": _rung,
        "First token after": _first_token,
        "Tokens of prompt and reply": _tokens,
        "Prompts": _prompts,
    },
    "Watching": {"Witnesses": _witnesses, "Attempts seen": _connections, "Planted leaks": _drill},
    "Machine": {
        "System": lambda run: f"{run.platform.system} {run.platform.release}, {run.platform.machine}",
        "Python": lambda run: run.platform.python,
        "mem0": lambda run: run.versions.get("mem0ai", _ABSENT),
        "Chroma": lambda run: run.versions.get("chromadb", _ABSENT),
    },
}
"""What is compared, by group; each reads one property of a run as words."""
