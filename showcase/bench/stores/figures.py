"""What is shown of the samples: the matrix, and what stands behind each of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.results.result import Section, Table
from showcase.bench.stores.cells import Group, grouped
from showcase.bench.stores.cost_rows import COLUMNS_OF_COST, COLUMNS_OF_NEEDS, costs, needed
from showcase.bench.stores.matrix_rows import COLUMNS_OF_LEFT, columns, left, matrix, odd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.bench.stores.sample import Probed

WILDCARD = (
    "mem0 documents `*` as a wildcard: a search or a listing with the user id `*` is meant to return everybody's rows, "
    "and nothing keeps a program from storing under it. We refuse it as a user's id before mem0 sees it, and so do all "
    "commands here; whoever lets a user choose an id and hands it to stock mem0 lets that user read all others."
)


def sections(samples: Mapping[str, Probed]) -> tuple[Section, ...]:
    """Return all figures of the samples that there are, by their steps."""
    groups = grouped(samples)
    return (_matrix(groups), _odd(groups), _left(groups), _costs(groups), _needs(groups))


def _matrix(groups: Sequence[Group]) -> Section:
    return Section(
        key="matrix",
        title="The matrix",
        text=(
            (
                "By mem0 is stock mem0 on its own provider: what people run. By ours is our own reading and writing of "
                "the same rows, without mem0, as `chat`, `ask` and `memories` do where they list, export or move. Each "
                "figure is of a store made anew."
            ),
            WILDCARD,
        ),
        tables=(
            Table(
                key="matrix",
                title="What each store does",
                columns=columns(_sizes(groups)),
                rows=tuple(matrix(each) for each in groups),
                notes=(
                    "Recalled: alice's facts that a second process finds, by a question about each.",
                    (
                        "A reader that stays open: seconds from the end of another process's add until a search has "
                        "the row, and from the end of its delete until none has it any more."
                    ),
                    (
                        "Lost: rows whose add returned to one of four processes that wrote at once, and that a fifth "
                        "does not find."
                    ),
                ),
            ),
        ),
    )


def _odd(groups: Sequence[Group]) -> Section:
    heads, rows = odd(groups)
    return Section(
        key="odd",
        title="What odd user ids read",
        text=(
            (
                "Three users have rows: alice, bob, and alíce, whose name is composed (NFC). Each odd id searches and "
                "lists, then stores a row of its own, and the three look whether they are given that one."
            ),
            "A program that reads somebody else's rows by an id of its own needs no fault but this one.",
        ),
        tables=(
            Table(
                key="odd",
                title="Whose rows an odd id reads, and who reads its row",
                columns=heads,
                rows=rows,
                notes=(
                    (
                        "own: it reads its own rows alone, and nobody else reads them. Refused: by whoever uses the "
                        "store, before that was asked."
                    ),
                ),
            ),
        ),
    )


def _left(groups: Sequence[Group]) -> Section:
    rows = tuple(row for each in groups for row in left(each))
    return Section(
        key="left",
        title="What stock delete_all leaves",
        text=(
            (
                "Two users have twenty rows each. Stock mem0 deletes all of one's; the store is closed, its server "
                "writes down what it holds and is stopped; then every byte of every file is looked through, of mem0's "
                "history too. Nothing is vacuumed, compacted or rewritten meanwhile."
            ),
        ),
        tables=(
            Table(
                key="left",
                title="What is found of the deleted rows, by kind of file",
                columns=COLUMNS_OF_LEFT,
                rows=rows,
                notes=(
                    (
                        "T is a text or a part of one, V a vector or a run of it, I an id. What is not seen of the "
                        "other user's rows either, which stay, may be there in a form that the scanner does not read."
                    ),
                ),
            ),
        ),
    )


def _costs(groups: Sequence[Group]) -> Section:
    return Section(
        key="costs",
        title="What a user waits for, and gets, among the rows of others",
        text=(
            (
                "Everybody tells of the same twenty things, with particulars of their own, embedded by the rehearsal "
                "engine's model. A user of twenty rows stores them one by one and asks one question about each, for as "
                "many rows as there are, with no threshold. Times are of stock mem0's `add(infer=False)` and `search`, "
                "the embedding and mem0's history in them; ours embeds likewise and writes no history."
            ),
        ),
        tables=tuple(
            Table(
                key=f"cost-{rows}",
                title=f"Among {rows:,} rows of others",
                columns=COLUMNS_OF_COST,
                rows=tuple(row for each in groups if (row := costs(each, rows)) is not None),
                interval="least and most",
                notes=(
                    "Whole: from the first search of a fresh process until a search had all of the user's rows.",
                    "Complete: the share of the user's own rows that a search for all of them returned.",
                    "Nearest: of how many questions the nearest of the user's rows, by exact search, was returned.",
                    (
                        "Hidden: for how long a reader that stays open was given fewer rows while another process "
                        "opened the store."
                    ),
                ),
            )
            for rows in _sizes(groups)
        ),
    )


def _needs(groups: Sequence[Group]) -> Section:
    return Section(
        key="needs",
        title="What each store needs to start",
        text=("Seconds are until the first answer of a server whose files were made anew, and of opening by mem0.",),
        tables=(
            Table(
                key="needs",
                title="What has to be installed, run and guarded",
                columns=COLUMNS_OF_NEEDS,
                rows=tuple(row for each in groups if (row := needed(each)) is not None),
                notes=(
                    "Memory counts what the processes of a server share once for each of them.",
                    (
                        "PostgreSQL and Redis are started with a password here. Redis has none unless somebody sets "
                        "it; Chroma's server knows none."
                    ),
                ),
            ),
        ),
    )


def _sizes(groups: Sequence[Group]) -> list[int]:
    return sorted({rows for each in groups for rows in each.costs})
