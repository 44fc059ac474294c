"""What was looked for after something was forgotten, where, by whom, and what was found.

None of these holds a word of what was forgotten: patterns are counted, never written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from showcase.evidence.fact import Fact, Status

Form = Literal[
    "UTF-8",
    "UTF-16-LE",
    "UTF-16-BE",
    "JSON escapes",
    "HTML escapes",
    "URL escapes",
    "base64",
    "case and accents folded",
    "fragment",
    "word",
    "id",
    "float32 LE",
    "float32 BE",
    "float16",
    "int8",
]
"""How a forgotten text or its vector may be written. `fragment` is any run of 24 bytes of a text, `word` a word of it
that no remaining row holds; of a vector any run of eight numbers in single or half precision, of sixteen in int8."""

FORMS: tuple[Form, ...] = get_args(Form)

Method = Literal["erase", "rows-only", "stock"]
"""`erase` is ours, `rows-only` takes the rows alone, `stock` is mem0's own `delete_all`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedFile(Fact):
    """A file as it was read.

    Attributes:
        path: From the store's root; of a file elsewhere its kind and a number, for its path may name somebody.
        kind: What it is to the store.
        device: Of the file system.
        inode: Within it.
        links: How many names it has.
        size_bytes: Its length.
        disk_bytes: What it takes on the disk; None where the system does not say.
        read_bytes: How many bytes of it were looked through; less than its length is not whole.
        sha256: Of what was read.
        views: How it was read beside byte by byte.
        unread: Ways in which it could not be read, with why.
    """

    path: str
    kind: str
    device: int
    inode: int
    links: int
    size_bytes: int
    disk_bytes: int | None
    read_bytes: int
    sha256: str
    views: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue(Fact):
    """Something of what was forgotten, found in a file: so often, in this form, as that view of the file shows it."""

    path: str
    kind: str
    view: str
    form: Form
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary(Fact):
    """A control of the scanner: what was planted in a copy of such a file, in such a form, and whether it was found."""

    kind: str
    form: Form
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Fact):
    """One look through every byte.

    Attributes:
        pid: The process that looked.
        create_time: When that began, seconds since the epoch, as the system's table of processes says.
        sqlite: Version of the SQLite that read the databases.
        secure_delete: Whether that was compiled to overwrite what it deletes.
        began_at: UTC.
        ended_at: UTC.
        patterns: How many were looked for, by their form.
        not_distinctive: How many texts have nothing left to look for: others hold all of it, or they are too short.
        files: What was read.
        residues: What was found.
        canaries: The controls.
        unplanted_found: How often it found a canary that was not planted.
        missed: What could not be looked at, with why.
    """

    pid: int
    create_time: float | None
    sqlite: str
    secure_delete: bool
    began_at: str
    ended_at: str
    patterns: dict[str, int]
    not_distinctive: int
    files: tuple[ScannedFile, ...]
    residues: tuple[Residue, ...]
    canaries: tuple[Canary, ...]
    unplanted_found: int
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bystanders(Fact):
    """Rows that were to stay: how many, and a digest of their ids, texts, metadata and vectors, before and after.

    `after` and `rows_after` are what the verifying process read; None where it could not.
    """

    rows: int
    before: str
    rows_after: int | None = None
    after: str | None = None
    history_before: str = ""
    history_after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered(Fact):
    """Where something may stay that no scan of the store's files sees, and what was found out about it here.

    `known_to_stay` says that it does; `of_the_store` that it is the store's own bytes, under another name.
    """

    what: str
    found_out: str
    known_to_stay: bool = False
    of_the_store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure(Fact):
    """What was done to forget, and what was seen of it.

    Attributes:
        method: How.
        everything: Whether all of the user's memories were meant, or some.
        subject: HMAC-SHA-256 of user id and ids, under a key that is printed once and kept nowhere.
        asked: How many rows were asked for.
        found: How many of them were there.
        removed: How many are gone.
        events_removed: Lines of the history that went with them.
        messages_removed: Messages that mem0 kept for its next extraction.
        lines_removed: What the user had typed in chats.
        shared: How many of the forgotten texts rows that stay hold as well. They are reported and left.
        rows_by_id_after: How many of the rows the verifying process still gets by their ids; None where it did not ask.
        before: The scan before anything was removed.
        after: The scan of the same process after.
        verified: The scan of another process.
        overwritten: Old files that were written over before they were removed.
        linked: Of those, how many have another name still, which shows the zeros now, or were left for that.
        unchanged_since: Whether the store was as the verifying process left it when this was written down; None where
            nobody looked.
        bystanders: What was to stay.
        not_covered: What no scan of files sees.
    """

    method: Method
    everything: bool
    subject: str
    asked: int
    found: int
    removed: int
    events_removed: int
    messages_removed: int
    lines_removed: int
    shared: int
    rows_by_id_after: int | None
    before: Scan | None
    after: Scan | None
    verified: Scan | None
    overwritten: int
    linked: int
    unchanged_since: bool | None
    bystanders: Bystanders
    not_covered: tuple[NotCovered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought(Fact):
    """What a process is told that verifies: see `showcase.erasure.subject.Subject`; vectors are in base64.

    It holds what was forgotten, and is in no log: a run's order and event hold it, a certificate does not.
    """

    texts: tuple[str, ...]
    ids: tuple[str, ...]
    vectors: tuple[str, ...]
    kept: tuple[str, ...]
    kept_vectors: tuple[str, ...]
    plain: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Fact):
    """What a process saw that had no part in it.

    Attributes:
        scan: Its own scan.
        rows: How many rows stay.
        digest: Of them.
        history: Digest of the history.
        by_id: How many of the forgotten rows it still got by their ids.
        left: Digest of the store's files as it left them.
    """

    scan: Scan
    rows: int
    digest: str
    history: str
    by_id: int
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAfter(Fact):
    """What stock mem0 answered in a new process about what was forgotten.

    Attributes:
        got: How many of the ids `get` returned a memory for.
        history_lines: Lines of mem0's history about these ids.
        wildcard: Ids of rows of the forgotten user that a search with the user id `*` returned.
        second_recalled: What the second user's question recalls, as ids and cosines.
        second_listed: Ids of the second user's rows.
    """

    got: int
    history_lines: int
    wildcard: tuple[str, ...]
    second_recalled: tuple[tuple[str, float], ...]
    second_listed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting(Fact):
    """The scene in which the first user is forgotten: what session 4 did and saw, and what session 5 did.

    Attributes:
        erasure: What session 4 says, with what session 5 verified; see `Erasure`.
        asked: What session 5 asked stock mem0; None where it did not come to it.
    """

    erasure: Erasure
    asked: AskedAfter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Fact):
    """What follows from an erasure."""

    status: Status
    reason: str
    limits: tuple[str, ...] = ()
