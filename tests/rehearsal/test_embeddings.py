"""The embeddings and the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from showcase.engines import model_names as names
from showcase.engines.rehearsal import shipped
from showcase.engines.rehearsal.embeddings import CONTEXT_LENGTH, WEIGHTS

if TYPE_CHECKING:
    import httpx

    from showcase.engines.rehearsal.embeddings import Embedder

TEXTS = [
    "My dog is called Biscuit.",
    "What pet do I have?",
    "The invoice is due in May.",
    "",
    "🎉",
    "東京",
    "x" * 10_000,
]


def test_every_vector_has_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.embed([]).shape == (0, 256)


def test_meaning_is_nearer_than_chance(embedder: Embedder) -> None:
    dog, pet, invoice = embedder.embed(TEXTS[:3])
    assert dog @ pet > 0.3 > dog @ invoice


def test_over_http_they_are_the_same_vectors(http: httpx.Client, embedder: Embedder) -> None:
    body = {"model": "rehearsal-embed", "input": TEXTS}
    reply = http.post("/api/embed", json=body).json()
    assert np.allclose(reply["embeddings"], embedder.embed(TEXTS), atol=1e-7)
    assert reply["prompt_eval_count"] == sum(min(count, CONTEXT_LENGTH) for count in embedder.count(TEXTS))


def test_dimensions_cut_and_scale(http: httpx.Client) -> None:
    body = {"model": "rehearsal-embed", "input": "a goat", "dimensions": 32}
    (vector,) = http.post("/api/embed", json=body).json()["embeddings"]
    assert len(vector) == 32
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_only_what_fits_is_embedded(embedder: Embedder) -> None:
    long = "goat " * 600
    kept, other = embedder.embed([long, long + "invoice " * 600])
    assert np.allclose(kept, other)
    assert embedder.count([long]) == [602]


@pytest.mark.parametrize(
    "text",
    ["You told me: Änne's café\u200b.", "  two  spaces ", "東京 🎉 ok", "a\n\nb\t", "", " ", "<|user|>\nHi<|end|>\n"],
)
def test_pieces_joined_are_the_text(embedder: Embedder, text: str) -> None:
    assert "".join(embedder.pieces(text)) == text


def test_digests_stand_for_the_weights_and_the_source() -> None:
    chat, embed, _ = shipped.models()  # the last is that of an extra, see tests/languages
    assert (chat.kind, embed.kind) == ("chat", "embed")
    assert {len(chat.digest), len(embed.digest)} == {64}
    assert chat.digest != embed.digest
    assert embed.size >= (WEIGHTS / "model.safetensors").stat().st_size


def test_the_notice_ships_with_the_weights() -> None:
    notice = (WEIGHTS / "NOTICE").read_text(encoding="utf-8")
    for said in (
        "all-MiniLM-L6-v2",
        "sentence-transformers",
        "Apache License, Version 2.0",
        "distilled with model2vec",
    ):
        assert said in " ".join(notice.split())


@pytest.mark.parametrize(
    ("text", "short", "cloud"),
    [
        ("rehearsal", "rehearsal:latest", False),
        ("rehearsal:latest", "rehearsal:latest", False),
        ("rehearsal:local", "rehearsal:latest", False),
        ("me/mine:v1", "me/mine:v1", False),
        ("host.example:5000/me/mine", "host.example:5000/me/mine:latest", False),
        ("gpt-oss:120b-cloud", "gpt-oss:120b-cloud", True),
        ("glm:cloud", "glm:latest", True),
    ],
)
def test_names(text: str, short: str, cloud: bool) -> None:
    name = names.parse(text)
    assert name is not None
    assert (name.short, name.cloud) == (short, cloud)


@pytest.mark.parametrize("text", ["", "bad name!", "a/b/c/d", ":x", "a:", "-a", "../etc", "a" * 81])
def test_no_names(text: str) -> None:
    assert names.parse(text) is None
