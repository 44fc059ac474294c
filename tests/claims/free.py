"""What may differ in a log without contradicting anything, and why.

A field of the model that is not here is held by the rest of the log: whatever is written into it, not every claim is
upheld. A new field therefore fails `test_contradictions` until somebody decides: hold it against something in
`showcase/claims/consistency`, or say here why nobody can.
"""

from __future__ import annotations

from typing import Any

from free_field import TEXT, Free
from free_where_forgotten import OF_WHAT_WAS_FORGOTTEN
from mutations import Mutation, old

from showcase.evidence import NO_WAY_TO_SEND, NOTHING_SENT


def _row(document: dict[str, Any], mutation: Mutation) -> dict[str, Any]:
    row: dict[str, Any] = document["connections"][mutation.path[1]]
    return row


def _alike(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether both kinds name the same destination."""
    pair = {_row(document, mutation)["kind"], mutation.value}
    return pair <= {"connect", "send"} or pair <= {"connect", "accept"}


def _unwatched_system(document: dict[str, Any], _mutation: Mutation) -> bool:
    return not any(report["active"] and report["name"] in ("syscalls", "seal") for report in document["witnesses"])


def _extracted(document: dict[str, Any], _mutation: Mutation) -> bool:
    return bool(document["options"]["infer"])


def _only_beside(document: dict[str, Any], mutation: Mutation) -> bool:
    left = [item["role"] for item in mutation.value]
    gone = [item["role"] for item in old(document, mutation.path) if item["role"] not in left]
    return all(role == "drill" or role.startswith("supervisor of ") for role in gone)


def _allowed(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether a row leads to an allowed endpoint, whose server is judged by itself."""
    row = _row(document, mutation)
    places = {(item["address"], item["port"]) for item in document["policy"]["allowed"]}
    places |= {(rule["host"], rule["port"]) for rule in document["policy"]["rules"]}
    return (row["address"], row["port"]) in places


def _waited_for(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether one of the tree waited at the port of a row at some moment."""
    port = _row(document, mutation)["port"]
    return mutation.value == "nobody" and any(
        row["kind"] == "listen" and row["port"] == port for row in document["connections"]
    )


def _of_an_audits_sampler(document: dict[str, Any], mutation: Mutation) -> bool:
    return document["command"] is not None and document["witnesses"][mutation.path[1]]["name"] == "sockets"


def _of_names(document: dict[str, Any], mutation: Mutation) -> bool:
    return _row(document, mutation)["port"] == 53


def _asks_the_way(document: dict[str, Any], mutation: Mutation) -> bool:
    return _row(document, mutation)["outcome"] in (NOTHING_SENT, NO_WAY_TO_SEND)


def _seen_by_calls_alone(document: dict[str, Any], mutation: Mutation) -> bool:
    return not {"hook", "sockets"} & set(_row(document, mutation)["witnesses"])


def _of_an_ollama(document: dict[str, Any], _mutation: Mutation) -> bool:
    return bool(document["engine"]["kind"] == "ollama")


def _of_several(document: dict[str, Any], mutation: Mutation) -> bool:
    """Return whether a server has a process left that serves its port."""
    of_server = mutation.path[: mutation.path.index("processes") + 1]
    left = mutation.value if mutation.path == of_server else old(mutation.of(document), of_server)
    return any(process["serves"] for process in left)


FREE: tuple[Free, ...] = (
    # Who has the other end.
    Free(("Attempt.peer",), "the kernel may not say; then the table of who waited decides", ("none",)),
    Free(("Attempt.peer",), "who serves an allowed endpoint is judged by the claim about servers", where=_allowed),
    Free(("Attempt.peer",), "a listener may end and another begin: who came between reached nobody", where=_waited_for),
    Free(("Attempt.peer",), "a name server is judged by what it is asked", where=_of_names),
    Free(("Attempt.peer",), "a way is asked for whoever waits at its end", where=_asks_the_way),
    Free(("Attempt.port",), "a way is asked for by port 0 as by another", ("zero",), _asks_the_way),
    # The frame of the log.
    Free(("Run.run_id", "Run.versions", "Scenario.title"), "text for people; no verdict rests on it"),
    Free(("Platform.cpus", "Platform.memory_bytes"), "a system may not tell", ("none",)),
    Free(("Platform.implementation",), "every Python has audit hooks"),
    Free(
        ("Platform.system", "Platform.release", "Platform.machine"),
        "the witnesses of every system looked, and no other",
        where=_unwatched_system,
    ),
    Free(("PhaseRun.engine_started",), "older logs have none", ("none",)),
    Free(("Run.storage", "Storage.file_system", "Storage.carried_by"), "the disk tells nothing else in the log"),
    Free(("Environment.forced",), "the run's own word; the libraries say what they read", (*TEXT, "removed", "added")),
    Free(("Environment.kept", "Environment.left_out"), "names of variables that nothing else tells of"),
    Free(("Options.keep_store",), "a store may be kept in which nothing was", ("flipped",)),
    Free(("Options.top_k",), "more may be asked for than there is", ("huge",)),
    Free(("Run.drill",), "a drill may not be held, and its leaks may change", ("emptied", "removed", "swapped")),
    Free(("LeakTrial.id",), "other versions drill other leaks", ("other",)),
    Free(("LeakTrial.description",), "text for people"),
    # The command of an audit.
    Free(("Command.arguments",), "which program it was nothing else tells", (*TEXT, "removed", "doubled", "swapped")),
    Free(("Command.exit_code",), "a program ends as it likes", ("negative", "zero")),
    Free(("Command.limit_s",), "a time that was not up tells nothing", ("huge", "none")),
    Free(("Command.ended_by",), "it may have ended by itself in the last moment of its time", ("literal",)),
    Free(
        ("Command.sealing",),
        "a sink that nobody said anything to is a seal",
        ("literal",),
        lambda document, mutation: "none" not in (document["command"]["sealing"], mutation.value),
    ),
    Free(("Command.weakened_by",), "the environment of a command is not logged", ("added",)),
    Free(("Policy.rules",), "what was allowed is the person's; the verdict says it"),
    Free(("Rule.port",), "likewise: every port", ("none",)),
    # What was said to the sink.
    Free(("Run.requests",), "whoever connects may say nothing in time", ("emptied",)),
    Free(
        ("Request.host", "Request.alpn", "Request.path", "Request.headers", "Request.body"),
        "the program's own words",
    ),
    # The table of connections.
    Free(("Attempt.process", "Attempt.package"), "names of programs and packages; they explain a row"),
    Free(
        ("Attempt.name",),
        "paths of Unix sockets; their other end is a limit, whatever it is",
        where=lambda document, mutation: _row(document, mutation)["family"] == "unix",
    ),
    Free(
        ("Attempt.outcome", "Attempt.transport"),
        "a call on a Unix socket is the caller's, and what came of it is not seen",
        ("none",),
        lambda document, mutation: _row(document, mutation)["family"] == "unix",
    ),
    Free(
        ("Attempt.outcome",),
        "of several attempts an older log has none",
        ("none",),
        lambda document, mutation: _row(document, mutation)["count"] > 1,
    ),
    Free(
        ("Attempt.port",),
        "what a program asks its resolver for beside a name",
        ("none", "zero"),
        lambda document, mutation: _row(document, mutation)["family"] == "name",
    ),
    Free(
        ("Attempt.transport",),
        "who sees calls alone may not know what carries them: a client that is native code, as PostgreSQL's",
        ("none",),
        _seen_by_calls_alone,
    ),
    Free(("Attempt.kind",), "both name one destination, by one rule", ("literal",), _alike),
    # The witnesses.
    Free(("WitnessReport.unseen", "WitnessReport.reason", "Coverage.note"), "the reason or the limit, in words"),
    Free(("WitnessReport.counts",), "a count that nobody knows", ("added",)),
    Free(("WitnessReport.counts.rows in the table",), "logs of earlier versions have none", ("removed",)),
    Free(("WitnessReport.counts.time_wait_rows",), "some systems do not tell", ("removed",)),
    Free(("WitnessReport.counts.gaps",), "a machine may have been idle", ("zero",)),
    Free(
        ("WitnessReport.counts.outlived",),
        "who lives when the sampler ends may be gone a moment later, and is one of nobody's sessions in an audit",
        ("zero",),
        _of_an_audits_sampler,
    ),
    Free(
        tuple(
            f"WitnessReport.counts.{call} calls"
            for call in ("write", "writev", "bind", "listen", "sendto", "sendmsg", "sendmmsg", "socket")
        ),
        "calls that left no row, or of which another may have left it",
        ("removed", "zero"),
    ),
    Free(
        ("WitnessReport.counts.bridged connections", "WitnessReport.counts.names asked"),
        "a connection or question that came in the last moment is not counted",
        ("zero",),
    ),
    Free(
        ("Run.witnesses",),
        "one that was not asked for and says nothing else",
        ("removed",),
        lambda document, mutation: all(
            each["control"] is None for each in document["witnesses"] if each not in mutation.value
        ),
    ),
    Free(("WitnessReport.coverage",), "the order says nothing", ("swapped",)),
    Free(
        ("WitnessReport.coverage",),
        "nothing rests on the watch of a supervisor or the drill",
        ("removed",),
        _only_beside,
    ),
    Free(("WitnessReport.started_s",), "it may have looked before there was anything", ("zero",)),
    # Servers of other programs.
    Free(("Daemon.uid",), "root's servers too", ("zero",)),
    Free(("Daemon.from_s",), "a look may be as long as the longest pause", ("zero",)),
    Free(("DaemonProcess.name",), "names of programs"),
    Free(("Daemon.processes",), "helpers come and go", ("removed",), _of_several),
    Free(("DaemonProcess.serves",), "a helper may have the port too", ("flipped",), _of_several),
    # The store.
    Free(("Policy.allowed",), "the order says nothing", ("swapped",)),
    Free(("Store.tls",), "what its client was told to insist on: no witness reads bytes, and a limit says so"),
    # The model server's own word.
    Free(("Engine.why",), "text for people", TEXT),
    Free(("Engine.version",), "text for people, where it is no engine of this program's own", TEXT, _of_an_ollama),
    Free(("Model.license",), "what the file or the server says", ("none", "other")),
    Free(("Engine.loaded",), "others may have made way, and the order says nothing", ("removed", "swapped")),
    Free(("LoadedModel.name", "Model.name"), "the model that was not the last to be asked", ("other",)),
    Free(
        ("LoadedModel.size_bytes", "LoadedModel.vram_bytes", "LoadedModel.context_length", "Model.digest"),
        "servers do not say everything",
        ("none", "zero"),
    ),
    Free(("Model.size_bytes", "Model.context_length", "Model.dimensions"), "likewise", ("none",)),
    Free(("Model.family", "Model.parameter_size", "Model.quantization"), "likewise", ("none", "other")),
    Free(("Model.capabilities",), "likewise", ("emptied", "other")),
    Free(("Reply.done_reason",), "servers may end for other reasons; isolation asks for `stop`", ("none", "other")),
    Free(("Reply.reply_tokens",), "servers do not say everything", ("none",)),
    Free(("Reply.total_s", "Reply.load_s", "Reply.prompt_s", "Reply.reply_s"), "likewise, or less", ("none", "zero")),
    Free(("Token.at_s",), "the first may come at once", ("zero",)),
    Free(("PromptRead.context_length",), "the server did not say it ahead", ("none",)),
    Free(("ModelPlan.free_source", "ModelPlan.reason", "RungTried.reason", "RungTried.tag"), "text for people"),
    Free(("Engine.plan", "ModelPlan.chosen", "ModelPlan.num_ctx"), "what is used may be another", ("none", "other")),
    Free(("Engine.rungs_tried",), "a rung may be tried or not, and again", ("emptied", "doubled")),
    Free(("Daemon.ollama",), "a version", ("other",)),
    Free(("Daemon.cloud_disabled",), "less said than the engine says", ("none", "flipped")),
    Free(("RungTried.outcome",), "what was loaded at the end is in the list of loaded models"),
    # The sessions.
    Free(("Session.ancestors",), "who stands between the orchestrator and init nothing else tells", ("removed",)),
    Free(("Session.events_file", "TelemetrySwitch.read_from"), "where to read more", TEXT),
    Free(("Session.listed", "Session.telemetry"), "the order says nothing", ("swapped",)),
    Free(("Session.planted", "User.memories"), "a model words memories as it likes", ("swapped", "other"), _extracted),
    Free(("Session.prompts",), "a prompt that was counted ahead is not sent; the order", ("removed", "swapped")),
    Free(("Session.store_before", "Session.store_after"), "not looked at; who needs it asks for it", ("none",)),
    Free(("StoreState.tables",), "whether tables could be counted says nothing", ("emptied", "removed", "swapped")),
    Free(("StoreTable.name",), "the tables are the library's", ("other",)),
    Free(("StoreTable.rows",), "the tables are the library's", ("zero",)),
    Free(("Session.empty_adds",), "limits, and no more", ("emptied", "doubled")),
    Free(("EmptyAdd.text", "EmptyAdd.cause", "EmptyAdd.detail"), "a limit, in words"),
    Free(("Recall.score",), "mem0 may add to its score", ("huge",)),
    *OF_WHAT_WAS_FORGOTTEN,
)

OF_NO_WHOLE_LOG: dict[str, str] = {
    "Fault.kind": "a process with a fault upholds nothing",
    "Fault.message": "likewise",
    "Session.fault": "likewise",
    "PhaseRun.daemons": "a list like that of the run, and held as that is",
    "Run.schema": "the reader refuses any other",
    "Run.version": "likewise",
    "Verdict.id": "stored verdicts are not looked at; `verify` compares them with its own",
    "Verdict.status": "likewise",
    "Verdict.level": "likewise",
    "Verdict.reason": "likewise",
    "Verdict.evidence": "likewise",
    "Verdict.limits": "likewise",
}
"""Fields that no log has, of which everything is upheld, or that are not judged."""
