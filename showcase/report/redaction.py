"""Redaction: a run without what people said, still good enough to derive the same verdicts from.

Texts become numbered pseudonyms, the same text the same one. No digests: a short text can be guessed from its
digest. What claims compare is kept: equal texts stay equal, and where a prompt or a reply holds a memory, its
pseudonym holds the memory's. Memory ids, pids, times, addresses, looked-up names and digests of files stay.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from showcase.claims import judge
from showcase.claims.persistence import is_without_facts
from showcase.evidence import Attempt, DaemonSocket, Message, Request, Run, Session, StoreState, Token, Verdict
from showcase.report.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = frozenset(
    """
    Run.schema Run.run_id Run.started_at Run.ended_at Run.versions PhaseRun.started_at PhaseRun.ended_at
    Session.scene Session.started_at Session.inventoried MemoryRow.memory_id Recall.memory_id Message.role
    Reply.done_reason Phase.name TelemetrySwitch.library TelemetrySwitch.switch Fault.kind StoreFile.sha256
    StoreState.digest Attempt.kind Attempt.family Attempt.address Attempt.name Attempt.transport Attempt.role
    Attempt.package Attempt.witnesses Coverage.role WitnessReport.name WitnessReport.counts Verdict.id
    Verdict.status Verdict.level Verdict.evidence Endpoint.address Platform.system Platform.release Platform.machine
    Platform.python Platform.implementation Model.name Model.digest Model.family Model.parameter_size
    Model.quantization Model.capabilities Model.remote_host LoadedModel.name LoadedModel.remote_host Engine.kind
    Engine.version Options.witnesses Environment.kept Environment.left_out Rule.host Rule.addresses Command.ended_by
    Command.sealing Command.weakened_by StoreTable.name PromptRead.purpose PromptRead.outcome EmptyAdd.cause
    ModelPlan.free_source ModelPlan.chosen RungTried.tag RungTried.outcome LeakTrial.id LeakTrial.description
    LeakTrial.results LeakTrial.expected LeakTrial.worse Daemon.ollama Daemon.sight DaemonSocket.kind
    DaemonSocket.address Options.forget Erasure.method Erasure.subject Scan.sqlite Scan.began_at Scan.ended_at
    Scan.patterns ScannedFile.kind ScannedFile.sha256 ScannedFile.views Residue.kind Residue.view Residue.form
    Canary.kind Canary.form Bystanders.before Bystanders.after Bystanders.history_before Bystanders.history_after
    Store.kind Store.host Store.version Store.addresses StoreState.by
    AskedAfter.wildcard AskedAfter.second_recalled AskedAfter.second_listed NotCovered.what
    """.split()  # noqa: SIM905 - a table reads better so
)
"""Words of this program or of libraries. A text that is neither here nor among the rules is scrubbed."""

_WITHHELD = "Withheld: the log does not give the verdict that was stored here."


def redact(run: Run) -> Run:
    """Return `run` with memory texts, user ids, questions, prompts, replies, command lines and paths replaced.

    Reasons and limits of its verdicts are those that the redacted log gives. A stored verdict that the log never
    gave keeps its status and level, and so still shows as a departure.
    """
    redacted: Run = _Redaction(Pseudonyms(run)).of(run)
    given = {verdict.id: verdict for verdict in judge(run)}
    again = {verdict.id: verdict for verdict in judge(redacted)}
    return replace(redacted, claims=tuple(_verdict(v, given.get(v.id), again.get(v.id)) for v in run.claims))


def _verdict(stored: Verdict, given: Verdict | None, again: Verdict | None) -> Verdict:
    if again is not None and stored == given:
        return again
    return Verdict(id=stored.id, status=stored.status, level=stored.level, reason=_WITHHELD)


class _Redaction:
    """Walks the facts: a field has a rule, is kept, or is searched for what must go."""

    def __init__(self, names: Pseudonyms) -> None:
        self._scrub = names.scrub
        self._number = names.number
        self._prompt = names.prompt
        self._prose = names.prose
        self._rules: dict[str, Callable[[Any], Any]] = {
            "User.id": names.user,
            "User.memories": lambda texts: tuple(names.memory(text) for text in texts),
            "User.question": names.memory,
            "Session.user_id": names.user,
            "Session.question": names.memory,
            "Session.events_file": lambda path: names.number("path", path) if path else path,
            "MemoryRow.user_id": names.user,
            "MemoryRow.text": names.memory,
            "Recall.user_id": names.user,
            "Recall.text": names.memory,
            "Reply.text": lambda text: names.prose("reply", text),
            "Reply.tokens": self._streamed,
            "Scenario.title": lambda text: names.number("title", text),
            "Fault.message": lambda text: names.number("message", text),
            "Store.collection": lambda name: names.number("collection", name),
            "StoreFile.path": lambda path: names.number("path", path),
            "StoreTable.path": lambda path: names.number("path", path),
            "ScannedFile.path": lambda path: names.number("path", path),
            "Residue.path": lambda path: names.number("path", path),
            "EmptyAdd.text": names.memory,
            "EmptyAdd.detail": lambda text: names.number("message", text),
            "Attempt.process": self._process,
            "Request.path": lambda path: names.number("path", path),
            "Request.host": lambda host: names.number("host", host),
            "Request.headers": lambda _: (),
            "Request.body": lambda _: None,
            "DaemonProcess.name": self._process,
            "Command.arguments": lambda arguments: tuple(names.number("argument", each) for each in arguments),
        }

    def of(self, value: Any) -> Any:  # noqa: ANN401 - any value of the log's model, and the same type back
        """Return a fact, a group of facts or a text, redacted."""
        if isinstance(value, str):
            return self._scrub(value)
        if isinstance(value, tuple):
            return tuple(self.of(item) for item in value)
        if isinstance(value, dict):
            return {key: self.of(item) for key, item in value.items()}
        if not is_dataclass(value) or isinstance(value, type):
            return value
        kind = type(value).__name__
        changed = {
            field.name: self._field(f"{kind}.{field.name}", getattr(value, field.name)) for field in fields(value)
        }
        if isinstance(value, Session):
            changed["messages"] = self._messages(value)
        if isinstance(value, Request) and value.host == value.name:  # the name was looked up, and stays as others do
            changed["host"] = value.host
        return self._finish(replace(value, **changed))

    def _field(self, place: str, value: Any) -> Any:  # noqa: ANN401 - as above
        if value is None or place in _KEPT:
            return value
        rule = self._rules.get(place)
        return self.of(value) if rule is None else rule(value)

    def _finish(self, fact: Any) -> Any:  # noqa: ANN401 - as above
        """Apply what depends on more than one field."""
        if isinstance(fact, Attempt) and fact.family == "unix":
            address, name = (text and self._number("path", text) for text in (fact.address, fact.name))
            return replace(fact, address=address, name=name)
        if isinstance(fact, StoreState) and fact.by == "rows":
            named = (replace(it, path="", name=self._number("collection", it.name)) for it in fact.tables)
            return replace(fact, tables=tuple(named))
        if isinstance(fact, DaemonSocket) and fact.kind == "unix" and fact.address:
            return replace(fact, address=self._number("path", fact.address))
        return fact

    def _messages(self, session: Session) -> tuple[Message, ...]:
        recalled = [row.text for row in session.recalled or ()]
        return tuple(replace(each, content=self._said_to_it(each, session, recalled)) for each in session.messages)

    def _said_to_it(self, message: Message, session: Session, recalled: list[str]) -> str:
        # That the control's is another prompt than this program's own has to be told from its pseudonym.
        if session.scene == "empty-store" and message.role == "system" and not is_without_facts(message.content):
            return self._prose("foreign-prompt", message.content)
        return self._prompt(message.content, recalled)

    def _streamed(self, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
        """Return tokens that still add up to the reply, the first with all of it.

        Their lengths, or how often the same one comes back, would tell which words they are.
        """
        whole = self._prose("reply", "".join(token.text for token in tokens))
        return tuple(replace(token, text="" if place else whole) for place, token in enumerate(tokens))

    def _process(self, name: str) -> str:
        """Return a program's plain name as it is; with a path or arguments it is a command line."""
        return name if name.isprintable() and not set(name) & set(" /\\") else self._number("command", name)
