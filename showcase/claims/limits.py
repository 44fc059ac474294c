"""Every limit that a verdict can have, and which of them are always so.

General is what the code adds for a claim, a level or a witness that counts whatever else is in the log: people read
it once. Particular is what it adds because of this run's facts; that is told with the verdict. A sentence that is in
neither table, as that of a log which another version wrote, is told as a particular one, so that none is ever kept
back by mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.evidence.limits import General, Particular, spot
from showcase.witnesses import unseen

if TYPE_CHECKING:
    from showcase.evidence import Verdict

PROCESS_TABLE = General(
    claims=("processes",), text="the process table was asked when each session began, and its end was waited for"
)
MEM0_SAYS = General(
    claims=("persistence",), text="what was searched and listed is what mem0 returned inside each session"
)
BESIDE_THE_STORE = General(
    claims=("persistence",), text="what lies beside the store, like mem0's own history of changes, was not compared"
)
CONFIRMED = General(
    claims=("persistence",),
    levels=("recorded",),
    text="a reader of the store without mem0, in a process of its own, found the same rows",
)
UNCONFIRMED = Particular("no independent reader confirmed the rows")

FILTERED = General(
    claims=("isolation",),
    text="mem0 filters by user when it reads: whoever can read the store's files can read everybody's rows",
)
SELF = General(
    claims=("isolation",),
    text=(
        "what was searched, listed and asked is what session 3 says of itself: that the store was as session 2 had "
        "left it is known of the moment before session 3 began"
    ),
)
WORDS = General(
    claims=("isolation",),
    text=(
        "shown for this question and these rows, whose words were looked for four or five in a row, whatever their "
        "case, marks, gaps, persons or invisible characters: a reply could still paraphrase what it never got, or say "
        "it in another language, code or look-alike letters"
    ),
)
SHARED = Particular(
    "{memories} of {first} which {third}, the question or the program's own prompt holds too: looked for by id and "
    "user alone"
)

LANGUAGE_UNKNOWN = Particular(
    "{texts}, which the embedding {model} was not made for: which rows come first in a search is chance; what came "
    "back shows what was kept and whose it is, not that it was found by what it means"
)
LANGUAGE_UNTOLD = Particular(
    "{texts}, and nothing is known here of whether the embedding {model} was made for that: which rows come first in "
    "a search may be chance"
)
LANGUAGE_WITHHELD = Particular(
    "the log has pseudonyms for the texts: whether the embedding {model} was made for their language cannot be told "
    "from it"
)

SEALED = General(
    claims=("egress",),
    where="of a command in a seal",
    text=(
        "the command ran in a seal: what it tried outside its bridges stayed inside, and it may have behaved otherwise"
    ),
)
FILES = General(claims=("egress",), text="bytes that leave through files, devices or a person were not watched")
SERVER_BESIDE = Particular(
    "the Ollama server is not a process of this run: what it sends by itself was not watched "
    "(OLLAMA_NO_CLOUD=1 in its environment turns its cloud part off)"
)
STORE_BESIDE = Particular(
    "{server} is not a process of this run: whom it serves beside the sessions, and what it sends by itself, is no "
    "part of this claim"
)
STORE_AWAY = Particular("{server} is on another machine: what becomes of the memories there was not watched")
TLS_INSISTED = Particular(
    "that it was TLS is what the store's client was told to insist on: no witness reads bytes, nor whether it checked "
    "whom it spoke to"
)
COME_IN = "any program of this machine could come in"
"""How the limit begins of a verdict on processes that listened on loopback, outside of a seal."""
CAME_IN = Particular(COME_IN + " at {where}")
DIED = Particular("the command did not end by its own will ({how}): it may not have come to all that it does")
UNIX_ALLOWED = Particular("{sockets} allowed, whose other end was not watched: {which}")
CARRIED = Particular(
    "the output directory lies in {carrier}: what is written there leaves this machine through the file system"
)
WEAKENED = Particular("{variable} is set: {why}")
"""As `audit/weaknesses.py` says it, and the log holds it."""

NATIVE = General(
    claims=("egress", "telemetry"),
    where="where the witnesses hook and sockets count, and syscalls does not",
    text=(
        "every Python call is recorded, native code is looked at in intervals: its calls that are over between two "
        "samples were seen by nobody"
    ),
)
ENGINE_CALLERS = General(
    claims=("egress", "telemetry"),
    where="of an engine of the run's own, outside of a seal",
    text="any program of this machine could call the engine; who did, and what they were told, was not watched",
)
ENGINE_UNWATCHED = Particular("nobody watched the engine, a process of this run that was told everything")
ENGINE_UNSEALED = Particular("the engine had no whole seal of its own; it was watched by {watchers}")
PHASES = Particular("of each phase's own engine only the last one's is known to have been watched")
PRIVILEGED = Particular(
    "it ran with rights of root by which the kernel sends what no call names (network devices, mounts, modules), so "
    "that every call recorded is no more than a sample: run it as an ordinary user, or with --seal"
)
UNFENCED = Particular(
    "what was watched could open other processes of its user, the one that keeps the records among them, so that every "
    "call recorded is no more than a sample: the kernel did not fence it in (Landlock); use --seal"
)
NOT_COUNTED = Particular("witness {name} does not count: {why}")
OTHER_SPOT = Particular(spot("{witness}", "{what}"))
"""A blind spot that a witness had this time, or that a log of another version has in other words."""

SERVERS_WORD = General(
    claims=("engine-local",), where="of an Ollama", text="the server's own word; nothing here looks into it"
)
OWN_REHEARSAL = Particular("the rehearsal engine is a process of this run, {by}")
OWN_EMBEDDED = Particular("the embedded engine is a process of this run, {by}")
UNWALLED_EMBEDDED = Particular("the engine's own word that it passes nothing on: {why}")
SAYS_REHEARSAL = Particular("it says that it is the rehearsal engine, which is no language model")
OWN_PROCESSES = Particular("its processes are processes of this run, {by}")
ENGINE_CLOUD = Particular(
    "its cloud part is on or unknown: it may contact ollama.com by itself; OLLAMA_NO_CLOUD=1 in its environment turns "
    "that off"
)

READ_ONCE = General(
    claims=("telemetry",),
    text="each process read its switches after it had opened the store: what a library turns on later was not read",
)
NO_LOOKUPS = Particular("no witness that sees name lookups counted")

COUNTS = General(
    claims=("context",),
    levels=("self-reported",),
    text="the server's own counts; what the model made of a prompt is not seen",
)
EXACT = General(
    claims=("context",),
    levels=("recorded", "sampled"),
    where="of the embedded engine",
    text="the tokens are those that the engine made of each prompt; how many of them it read is its own count, of a "
    "watched process of the run",
)
UNCOUNTED = Particular(
    "a count well below the context counts as whole: where a conversation has several turns a server may drop old "
    "ones; here each prompt is one system message and one question"
)
EMPTY_ADDS = Particular("{adds} stored nothing, for another reason: {causes}")

LOOKED_AT = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a server that was there before",
    text=(
        "it was looked at in intervals: connections and datagram sockets shorter than that can be missed, and name "
        "lookups are not seen"
    ),
)
STREAMS_AND_FILES = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a server that was there before",
    text="its standard streams, pipes, files and memory shared with other processes were not looked at",
)
RELAY = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a server that is no Ollama",
    text="an allowed endpoint is a way out when it passes on what it is told",
)
KEEPS_AND_HANDS_ON = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a store's server",
    text="what it keeps it may hand on later: to its other clients, to a replica, in a backup",
)
CLIENTS_MAY_ASK = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of an Ollama that was there before",
    text="pull, push and sign-in work also with its cloud part off; a client can ask for them",
)
EMBEDS_AND_PASSES_NOTHING_ON = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of an embedded engine that was there before",
    text="it says that it is the embedded engine, which passes nothing on; nothing here looks into it",
)
PASSES_NOTHING_ON = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a rehearsal engine that was there before",
    text="it says that it is the rehearsal engine, which passes nothing on; nothing here looks into it",
)
BY_USER = Particular("seen by user id: its user's internet sockets, whichever process has them, and no Unix sockets")
CLOUD_ON = Particular("its cloud part is on or unknown: it may contact ollama.com by itself; {off}")
OWN_SEALED = General(
    claims=("daemon",),
    levels=("enforced",),
    where="of a server that the run started in a seal",
    text="it ran in a seal: what it tried stayed inside, and it may have behaved otherwise",
)
OWN_UNSEALED = General(
    claims=("daemon",),
    where="of a server that the run started without one",
    text=f"it ran without walls: {CLIENTS_MAY_ASK.text}",
)
OWN_UNWALLED = General(
    claims=("daemon",),
    where="of an embedded engine that the run started without a seal",
    text="it ran without walls: it has no way to pass anything on, and nothing but the witnesses shows that",
)
OWN_CALLERS = General(
    claims=("daemon",),
    where="of a server that the run started",
    text="any program of this machine could call it; who did, and what they were told, was not watched",
)
OWN_FILES = General(
    claims=("daemon",),
    where="of a server that the run started",
    text="what it wrote to files, and who reads or runs them, was not watched",
)
OWN_SAMPLED = General(
    claims=("daemon",),
    levels=("sampled",),
    where="of a server that the run started",
    text="it was looked at in intervals: connections shorter than that can be missed, and name lookups are not seen",
)
OWN_HALF_SEALED = Particular("it ran in a seal that does not count: {why}")

RECORDS_OF_RUNS = General(
    claims=("erasure",),
    where="of a run with --forget",
    text=(
        "the log, the page and the event files of runs tell what was planted, and are left out: to clear them as well, "
        "memories forget has --records"
    ),
)
SAID_BY_THE_SESSIONS = General(
    claims=("erasure",),
    where="of a run with --forget",
    text=(
        "what was looked through and asked is what sessions 4 and 5 say of themselves; that their processes were two, "
        "and that the store did not change between them, was seen from outside"
    ),
)
NOT_COVERED = Particular("not covered: {what}: {found_out}")
STAYS = Particular("it stays: {what}: {found_out}")
HELD_BY_OTHERS = Particular(
    "{shared} of the forgotten texts stand in what stays as well: they were reported, not deleted, and not looked for"
)
NOT_DISTINCTIVE = Particular(
    "{weak} of the texts have no word that what stays does not hold too, or are too short: of them the vector and the "
    "id were looked for alone"
)

_OURS = tuple(each for each in tuple(globals().values()) if isinstance(each, (General, Particular)))
GENERAL = (*(each for each in _OURS if isinstance(each, General)), *unseen.GENERAL)
PARTICULAR = tuple(each for each in _OURS if isinstance(each, Particular))

_SENTENCES = frozenset(each.sentence for each in GENERAL)


def is_general(limit: str) -> bool:
    """Return whether a limit of a verdict is one that is always so."""
    return limit in _SENTENCES


def told(verdict: Verdict) -> tuple[str, ...]:
    """Return the limits that are told with a verdict; the others are general.

    What is broken or open is explained by all that is said of it but what witnesses can never see.
    """
    blind = frozenset(each.sentence for each in GENERAL if verdict.status == "upheld" or each.witness is not None)
    return tuple(
        limit
        for limit in verdict.limits
        # What no scan of files sees is much the same everywhere; what was found out about it is in log and page.
        if limit not in blind and not (verdict.status == "upheld" and NOT_COVERED.says(limit))
    )
