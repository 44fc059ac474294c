"""`showcase bench recall` as a measurement: what is asked, in which order, and what the figures are worth."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from showcase.bench.recall import taking
from showcase.bench.recall.arms import ARMS, Vectors
from showcase.bench.recall.asked import AT_MOST
from showcase.bench.recall.oddities import sentence
from showcase.bench.recall.sections import sections
from showcase.bench.recall.taking import Around, Pass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.recall.asked import RecallSet
    from showcase.bench.results.result import EngineUsed, Scalar, Section
    from showcase.engines.everyday import Opened

QUICK_ARMS = ("exact-cosine", "bm25", "random", "nothing", "everything", "vague", "chroma-shared", "mem0-shared")
"""What needs no store comes first: a glance that ends before its last sample has those at least."""

QUICK_QUESTIONS = 120
QUICK_ROWS = 500
"""Of somebody else's file, whole haystacks: storing thousands of rows would be no glance."""

_NAMES = {
    "longmemeval": "a file in the form of LongMemEval",
    "locomo": "a file in the form of LoCoMo",
}


class Recall:
    """See `Measurement`.

    Args:
        some: The set.
        server: The model server.
        limit_s: How long a whole answer of it may take.
        engine: What it is.
        quick: Whether one pass of some arms over some questions is enough.
    """

    def __init__(
        self, some: RecallSet, server: Opened, *, limit_s: float, engine: EngineUsed | None, quick: bool = False
    ) -> None:
        self._some = some.glance(questions=QUICK_QUESTIONS, rows=QUICK_ROWS) if quick else some
        self._whole = some
        self._server = server
        self._limit_s = limit_s
        self._quick = quick
        self._engine = engine
        name = server.embed_model.name
        self._hear: Callable[[str], None] = lambda _: None

        def embed(text: str) -> Sequence[float]:
            self._hear("rows and questions are embedded")
            return server.gate.embed(name, text)

        self._vectors = Vectors(embed)

    @property
    def bench(self) -> str:
        """See `Measurement`."""
        return "recall"

    @property
    def question(self) -> str:
        """See `Measurement`."""
        return "Does a memory find the rows that answer a question, judged by their ids, and say when there are none?"

    @property
    def sample(self) -> type[Pass]:
        """See `Measurement`."""
        return Pass

    @property
    def arms(self) -> Mapping[str, str]:
        """See `Measurement`."""
        return {name: ARMS[name] for name in QUICK_ARMS} if self._quick else ARMS

    @property
    def settings(self) -> Mapping[str, Scalar]:
        """See `Measurement`. Of a secret seed nothing is said but the digest of what it made."""
        model = self._server.embed_model
        return {
            "set": self._origin,
            "set_sha256": self._whole.sha256,
            "rows": len(self._some.told),
            "users": len(self._some.of_user),
            "questions": len(self._some.asked),
            "longest_ranking": AT_MOST,
            "longest_ranking_of_a_users_rows": round(self._some.widest, 4),
            "embed_model": model.name,
            "embed_model_digest": model.digest,
            "quick": self._quick,
            **{f"file_{name}": count for name, count in self._some.odd.items()},
        }

    @property
    def _origin(self) -> str:
        if self._some.origin == "made":
            return "made, public seed" if self._some.public else "made, held-out seed"
        return self._some.origin

    @property
    def engine(self) -> EngineUsed | None:
        """See `Measurement`."""
        return self._engine

    @property
    def temperature(self) -> tuple[str, ...]:
        """See `Measurement`."""
        return (
            (
                "Each pass of a backend makes its store anew, in a directory of its own; the vectors of rows that are "
                "searched in memory are made once and kept."
            ),
            (
                "Warm: every question is asked in a process that has embedded before, and a user's first question is "
                "asked once untimed. Cold starts of the program and of the model are not in these times."
            ),
        )

    @property
    def cannot_tell(self) -> tuple[str, ...]:
        """See `Measurement`."""
        told = [
            "Whether a model answers well with the rows it is given: no model is asked, and none judges.",
            "Anything about a memory that extracts: every row is stored as it was told (mem0 with infer=False).",
            "Times on other machines, and growth with rows: `showcase bench scale` is about that.",
        ]
        if self._some.origin == "made":
            told.append(
                "How people really write: facts and questions are made from templates, so that words in common are "
                "commoner than in life, and the intervals hold for questions of these templates."
            )
        else:
            told.append(
                f"Anything to headline: this is {_NAMES[self._some.origin]} that was given, no set of ours; it is not "
                "shipped, its licence is its authors', and its published scores judge answers, not rows."
            )
            odd = sentence(self._some.odd)
            if odd:
                told.append(odd)
            told.append("What our backends leave out on purpose is counted as not found: a row that only asks.")
        if not self._some.trustworthy:
            told.append(
                f"What recall@10 is worth: ten rows are {self._some.widest:.0%} of the rows of the user who has the "
                "fewest, where it should be less than 20 %."
            )
        if self._server.is_rehearsal:
            told.append("What a real embedding model finds: the rehearsal engine has small static vectors of its own.")
        if self._quick:
            told.append(
                "In this glance: whether a second pass gives the same, the arms that were left out, kinds of few "
                "questions, and small differences; leave --quick out for those."
            )
        return tuple(told)

    def steps(self) -> Sequence[str]:
        """See `Measurement`: all arms once, then all once more."""
        return tuple(f"{number}/{arm}" for number in ((1,) if self._quick else (1, 2)) for arm in self.arms)

    def warm_up(self) -> None:
        """See `Measurement`."""
        self._vectors.fresh(self._some.asked[0].text)

    def take(self, step: str, *, doing: Callable[[str], None]) -> Pass:
        """See `Measurement`."""
        arm = step.partition("/")[2]
        self._hear = doing
        around = Around(
            some=self._some,
            server=self._server,
            vectors=self._vectors,
            tokens=self._tokens,
            limit_s=self._limit_s,
        )

        return taking.take(arm, around, lambda what: doing(f"{arm}: {what}"))

    def sections(self, samples: Mapping[str, Pass]) -> tuple[Section, ...]:
        """See `Measurement`."""
        return sections(self._some, tuple(self.arms), samples)

    @cached_property
    def _tokens(self) -> tuple[int, ...]:
        """The tokens of each row, as a line of a prompt."""
        from showcase.engines.rehearsal.embeddings import Embedder  # noqa: PLC0415 - heavy

        return tuple(Embedder().count([f"- {each.text}\n" for each in self._some.told]))
