"""The extra `multilingual`: what its vectors know, who takes them, and what they cost in privacy: nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from showcase.bench.questions import firsts
from showcase.engines import rehearsal_embedding
from showcase.engines.rehearsal import EMBED_MODEL, MULTILINGUAL_MODEL, multilingual, shipped
from showcase.engines.rehearsal.engine import Rehearsal
from showcase.engines.rehearsal.multilingual import CONTEXT_LENGTH, DIMENSIONS
from showcase.errors import UsageError
from showcase.languages import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from showcase.engines.rehearsal.embeddings import Embedder
    from showcase.engines.rehearsal.interface import Embeddings
    from showcase.engines.rehearsal.multilingual import MultilingualEmbedder

JAPANESE = (Told("ja", 7),)


def cosines(vectors: Embeddings) -> Callable[[str, Sequence[str]], Sequence[float]]:
    def score(question: str, facts: Sequence[str]) -> Sequence[float]:
        rows = vectors.embed([question, *facts])
        return [float(cosine) for cosine in rows[1:] @ rows[0]]

    return score


@pytest.mark.parametrize("language", firsts.there())
def test_the_right_fact_is_first_by_vectors_that_know_the_language(
    language: str, embedder: Embedder, multilingual: MultilingualEmbedder
) -> None:
    known = firsts.measure(language, cosines(multilingual))
    assert known.own >= 0.75 * known.questions
    assert known.known > known.unknown
    if language != "en":  # a sixth would be chance
        assert firsts.measure(language, cosines(embedder)).own <= 0.5 * known.questions


def test_of_several_that_are_as_near_none_is_first() -> None:
    assert firsts.measure("en", lambda _, facts: [0.5] * len(facts)).own == 0


def test_every_vector_has_length_one_and_is_the_same_in_any_batch(multilingual: MultilingualEmbedder) -> None:
    texts = ["", "寿司が好きです。", "Ich singe im Chor.", "🎉", "a" * 20_000]
    together = multilingual.embed(texts)
    assert together.shape == (len(texts), DIMENSIONS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together, np.concatenate([multilingual.embed([text]) for text in texts]), atol=1e-5)
    assert multilingual.embed([]).shape == (0, DIMENSIONS)


def test_only_what_fits_is_embedded(multilingual: MultilingualEmbedder) -> None:
    text = "川沿いの小さな店。" * 200
    assert multilingual.count([text, "店"])[0] > CONTEXT_LENGTH
    assert np.allclose(*multilingual.embed([text, text + "税金の計算。" * 50]), atol=1e-6)
    assert not np.allclose(*multilingual.embed([text[:90], text[:90] + "税金の計算。"]), atol=1e-3)


def test_it_contacts_nobody() -> None:
    """In a process of its own, whose every socket call would be heard."""
    code = (
        "import sys; heard = []\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and heard.append(event))\n"
        "from showcase.engines.rehearsal.multilingual import MultilingualEmbedder as E\n"
        "E().embed(['寿司']); print(heard)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_engine_lists_it_with_a_digest_of_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {model.name.model: model for model in shipped.models()}
    other = listed[MULTILINGUAL_MODEL]
    assert other.digest != listed[EMBED_MODEL].digest
    assert other.size == sum(path.stat().st_size for path in multilingual.files())
    changed = tmp_path / "weights.npz"
    changed.write_bytes(multilingual.files()[1].read_bytes()[:-1] + b"?")
    monkeypatch.setattr(multilingual, "files", lambda: (multilingual.__file__ and changed, changed))
    shipped.models.cache_clear()
    assert next(model for model in shipped.models() if model.weights == shipped.MULTILINGUAL).digest != other.digest
    monkeypatch.setattr(multilingual, "files", tuple)
    shipped.models.cache_clear()
    assert [model.name.model for model in shipped.models()] == ["rehearsal", EMBED_MODEL]
    monkeypatch.undo()
    shipped.models.cache_clear()


def test_a_model_has_its_own_vectors(embedder: Embedder, multilingual: MultilingualEmbedder) -> None:
    engine = Rehearsal()
    engine.embedder, engine._multilingual = embedder, multilingual
    vectors = {model.name.model: engine.vectors_of(model).dimensions for model in shipped.models()}
    assert vectors == {"rehearsal": 256, EMBED_MODEL: 256, MULTILINGUAL_MODEL: DIMENSIONS}


def test_it_is_taken_where_it_knows_what_the_english_one_does_not() -> None:
    chosen = rehearsal_embedding.embedding_for
    assert chosen(None, JAPANESE) == MULTILINGUAL_MODEL
    assert chosen(None, (Told("en", 5), Told("de", 2))) == MULTILINGUAL_MODEL
    assert chosen(None, (Told("en", 7),)) == chosen(None, ()) == EMBED_MODEL
    assert chosen(None, (Told("und-Grek", 7),)) == EMBED_MODEL  # neither knows it
    assert chosen("rehearsal-embed", JAPANESE) == EMBED_MODEL
    assert chosen(f"{MULTILINGUAL_MODEL}:latest") == MULTILINGUAL_MODEL


def test_without_it_there_is_english_alone_and_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal_embedding, "files", tuple)
    assert rehearsal_embedding.embedding_for(None, JAPANESE) == EMBED_MODEL
    said = rehearsal_embedding.language_note(EMBED_MODEL, JAPANESE)
    assert said is not None
    assert said.startswith("the texts are in Japanese, and rehearsal-embed knows English alone")
    assert "[multilingual]" in said
    with pytest.raises(UsageError, match="not installed") as refused:
        rehearsal_embedding.embedding_for(MULTILINGUAL_MODEL)
    assert "[multilingual]" in refused.value.hint


@pytest.mark.parametrize(
    ("model", "languages", "said"),
    [
        ("rehearsal-embed", (Told("en", 7),), None),
        ("bge-m3", JAPANESE, None),
        ("rehearsal-embed", JAPANESE, "leave --embed-model out"),
        ("rehearsal-embed", (Told("und-Grek", 2),), "no embedding of this engine knows a language in Greek letters"),
        ("nomic-embed-text:latest", (Told("en", 5), Told("de", 2)), "2 of 7 texts are in German, and nomic-embed-text"),
        (
            "my-own",
            JAPANESE,
            "nothing is known here of the languages of my-own: which memory comes first may be chance",
        ),
    ],
)
def test_what_is_said_before_a_run(model: str, languages: tuple[Told, ...], said: str | None) -> None:
    found = rehearsal_embedding.language_note(model, languages)
    assert (found is None) if said is None else (found is not None and said in found)


def test_what_is_said_of_words_that_a_person_types(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = rehearsal_embedding.typed_note
    assert typed("rehearsal-embed:latest", "I live in Oslo and I do not eat fish.") is None
    assert typed(f"{MULTILINGUAL_MODEL}:latest", "私はボンに住んでいます。") is None
    said = typed("rehearsal-embed:latest", "Ich wohne in Bonn und singe im Chor.")
    assert said is not None
    assert said.startswith(
        "this is in German, and rehearsal-embed:latest knows English alone: which memory comes first"
    )
    convert = f"showcase memories reembed --engine rehearsal --embed-model {MULTILINGUAL_MODEL}"
    assert said.endswith(f"vectors that know it: {convert}")
    monkeypatch.setattr(rehearsal_embedding, "files", tuple)
    without = typed("rehearsal-embed:latest", "Ich wohne in Bonn und singe im Chor.")
    assert without is not None
    assert "[multilingual]" in without
    assert without.endswith(f"then: {convert}")
