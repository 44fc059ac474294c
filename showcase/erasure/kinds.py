"""What a file is to a store, as scans and certificates call it."""

from __future__ import annotations

DATABASE = "Chroma's database"
DATABASE_LOG = "SQLite's log"
INDEX = "index of vectors"
HISTORY = "mem0's history"
TYPED = "lines typed in chats"
RECORD = "record"
OPERATIONS = "log of operations"
EVENTS = "events of a run"
PAGE = "page of a run"
RUN_LOG = "log of a run"
CERTIFICATE = "certificate"
TEMPORARY = "temporary file"
LOCK = "lock"
OTHER = "other file"
NAMED = "file named"

IN_CHROMA = frozenset({DATABASE, DATABASE_LOG, INDEX})
"""What lies in Chroma's own directory; mem0's log of SQLite lies beside its history."""

STORE = IN_CHROMA | {HISTORY}
"""What holds memories."""

DATABASES = frozenset({DATABASE, HISTORY})

WITH_WORDS = STORE | {TYPED}
"""What holds words of users alone, so that a single one says something."""

OF_RUNS = frozenset({RUN_LOG, PAGE, EVENTS})
"""What is written down of runs, and holds their memories on purpose."""

SHORTEST_IN_DIGITS = 12
"""Bytes of what is looked for in `OPERATIONS`: it is made of digits and a few words, and grows, so that a year or a
number of four digits, if that is all that a memory says, stands in it by chance."""

COME_AND_GO = frozenset({DATABASE_LOG, TEMPORARY, OTHER, LOCK})
"""What may be there in one look and not in the next."""
