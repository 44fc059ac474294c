"""One run as one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from showcase.claims import language
from showcase.evidence import Daemon, Run
from showcase.report import (
    annex,
    audit_panels,
    claims_view,
    command_view,
    commands,
    disk_view,
    drill_view,
    erasure_view,
    finding,
    lanes,
    memory_view,
    model_view,
    network_view,
    panels,
    plan_view,
    request_view,
    store_view,
    witness_view,
)
from showcase.report.embed import EmbeddedLog, embed
from showcase.report.environment import render_page
from showcase.report.local_time import local_time
from showcase.report.plain_words import plain_words
from showcase.report.sentences import Sentence
from showcase.settings import RUN_LOG


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template of a run shows."""

    run: Run
    when: str
    command: command_view.CommandView | None
    allowed: tuple[str, ...]
    plainly: tuple[Sentence, ...]
    headline: claims_view.Headline
    departures: tuple[str, ...]
    redacted: bool
    presenter: bool
    unknown_language: language.Remark | None
    panels: panels.Panels | None
    audit: audit_panels.AuditPanels | None
    cards: tuple[claims_view.Card, ...]
    axis: lanes.Axis
    lanes: tuple[lanes.Lane, ...]
    memories: tuple[memory_view.SessionMemory, ...]
    matrix: memory_view.Matrix
    network: network_view.Network
    requests: request_view.Requests | None
    servers: tuple[Daemon, ...]
    of_store: tuple[str, ...]
    store: store_view.StoreView | None
    scored_by_cosine: bool
    drill: drill_view.Drill | None
    witnesses: tuple[witness_view.Witness, ...]
    stores: tuple[disk_view.Store, ...]
    forgotten: erasure_view.Forgotten | None
    engine_kind: str
    server_kinds: tuple[str, ...]
    models: tuple[model_view.ModelView, model_view.ModelView] | None
    plan: plan_view.Plan | None
    longest_prompt: str
    afterwards: tuple[commands.Check, ...]
    live: tuple[commands.Check, ...]
    typed_in: str
    log: EmbeddedLog
    finding: finding.Finding
    annex: annex.Annex


def render(run: Run, *, redacted: bool = False, presenter: bool = False, sha256: str | None = None) -> str:
    """Return the report of a run as one HTML document that refers to nothing outside itself.

    Args:
        run: The run, with its verdicts.
        redacted: Whether `run` went through `redact`; the page then says so, and tells the time of UTC alone, as the
            zone would tell where it was made.
        presenter: Whether the page opens in the view for a projector, which it has in any case.
        sha256: Digest of the log as it was read, in hexadecimal; None where it is `run` as this program writes it.
    """
    log = embed(claims_view.as_of_now(run))
    run = claims_view.of_now(run)
    axis = lanes.axis(run)
    command = command_view.command(run)
    log_only = redacted or command is not None
    shell = commands.shell_of(run)
    servers = tuple(each for phase in run.phases for each in phase.daemons) or run.daemons
    page = Page(
        run=run,
        when=stamp(run.started_at) if redacted else local_time(run.started_at),
        command=command,
        allowed=command_view.allowed(run),
        plainly=plain_words(run, redacted=redacted),
        headline=claims_view.headline(run),
        departures=claims_view.departures(run),
        redacted=redacted,
        presenter=presenter,
        unknown_language=language.remark(run),
        panels=panels.panels(run, redacted=redacted),
        audit=audit_panels.audit_panels(run),
        cards=claims_view.cards(run),
        axis=axis,
        lanes=lanes.lanes(run, axis),
        memories=memory_view.memories(run),
        matrix=memory_view.matrix(run),
        network=network_view.network(run, axis),
        requests=request_view.requests(run),
        servers=servers,
        of_store=store_view.names(run, servers),
        store=store_view.store(run),
        scored_by_cosine=store_view.scored_by_cosine(run),
        drill=drill_view.drill(run),
        witnesses=witness_view.witnesses(run),
        stores=disk_view.stores(run),
        forgotten=erasure_view.forgotten(run),
        engine_kind=claims_view.engine_kind(run),
        server_kinds=tuple(map(model_view.server, servers)),
        models=model_view.models(run),
        plan=plan_view.plan(run),
        longest_prompt=_longest_prompt(run),
        afterwards=commands.from_log(run, shell.path(RUN_LOG)) if log_only else commands.afterwards(run),
        live=() if command is not None else commands.live(run),
        typed_in=shell.title,
        log=log,
        finding=finding.finding(run, log, redacted=redacted, sha256=sha256),
        annex=annex.annex(run),
    )
    return render_page("report.html.j2", page=page, run=run)


def _longest_prompt(run: Run) -> str:
    """Return the longest prompt that was counted, beside the context that was in force for it."""
    loaded = run.engine.loaded or () if run.engine is not None else ()
    context = next((it.context_length for it in loaded if run.engine and it.name == run.engine.chat_model.name), None)
    counts: list[tuple[int, int]] = []
    for session in (*run.sessions, *run.controls):
        if session.reply is not None and session.reply.prompt_tokens is not None:
            counts.append((session.reply.prompt_tokens, context or 0))
        for prompt in session.prompts:
            tokens = prompt.own_tokens if prompt.own_tokens is not None else prompt.evaluated_tokens
            if tokens is not None:
                counts.append((tokens, prompt.context_length or context or 0))
    if not counts:
        return "not recorded"
    longest, room = max(counts)
    return f"{longest:,} tokens" + (f", {longest / room:.1%} of the context" if room else "")


def stamp(moment: str) -> str:
    """Return an ISO 8601 time stamp for people; what is none stays as it is."""
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{at.day} {at:%B %Y, %H:%M:%S} {at.tzname() or 'without zone'}"
