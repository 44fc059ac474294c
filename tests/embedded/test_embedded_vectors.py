"""Vectors that a model file makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from asking import CHAT, EMBED, vectors
from made_models import EMBED_CONTEXT, WIDTH

if TYPE_CHECKING:
    import httpx

TEXTS = ["hello", "a", "the quick brown fox", "hello", "zebra " * 9, ""]
NEAR = 1e-5


def test_vectors_have_length_one_and_the_width_of_the_model(http: httpx.Client) -> None:
    found = np.array(vectors(http, TEXTS)["embeddings"])
    assert found.shape == (len(TEXTS), WIDTH)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=NEAR)


def test_a_text_among_others_has_the_vector_that_it_has_alone(http: httpx.Client) -> None:
    texts = [f"{text} {chr(97 + at % 26)}" for at in range(40) for text in TEXTS]
    together = np.array(vectors(http, texts)["embeddings"])
    for at in (0, 31, 32, 33, 100, len(texts) - 1):
        assert together[at] == pytest.approx(np.array(vectors(http, texts[at])["embeddings"][0]), abs=NEAR)
    assert not np.allclose(together[0], together[1], atol=0.01)


def test_the_order_of_letters_counts(http: httpx.Client) -> None:
    there, back = (np.array(vectors(http, text)["embeddings"][0]) for text in ("stop", "pots"))
    assert not np.allclose(there, back, atol=0.01)


def test_tokens_are_counted_with_those_that_begin_and_end_a_text(http: httpx.Client) -> None:
    assert vectors(http, "hello")["prompt_eval_count"] == len("hello") + 2
    assert vectors(http, ["hello", "a"])["prompt_eval_count"] == len("helloa") + 4


def test_a_long_text_is_cut_to_what_the_model_reads(http: httpx.Client) -> None:
    long = vectors(http, "a" * 1000)
    assert long["prompt_eval_count"] == EMBED_CONTEXT
    cut = vectors(http, "a" * (EMBED_CONTEXT - 2))
    assert np.array(long["embeddings"]) == pytest.approx(np.array(cut["embeddings"]), abs=NEAR)


def test_a_context_that_is_asked_for_cuts_as_well(http: httpx.Client) -> None:
    cut = vectors(http, "hello there", options={"num_ctx": 7})
    assert cut["prompt_eval_count"] == 7
    assert cut["embeddings"][0] == pytest.approx(vectors(http, "hello")["embeddings"][0], abs=NEAR)


def test_a_text_that_is_too_long_is_refused_where_it_may_not_be_cut(http: httpx.Client) -> None:
    def status(text: str) -> tuple[int, object]:
        answer = http.post("/api/embed", json={"model": EMBED, "input": ["a", text], "truncate": False})
        return answer.status_code, answer.json().get("error")

    assert status("a" * (EMBED_CONTEXT - 1)) == (400, "the input length exceeds the context length")
    assert status("a" * (EMBED_CONTEXT - 2)) == (200, None)


def test_fewer_dimensions_have_length_one_as_well(http: httpx.Client) -> None:
    whole, few = (np.array(vectors(http, "hello", dimensions=size)["embeddings"][0]) for size in (0, 8))
    assert few == pytest.approx(whole[:8] / np.linalg.norm(whole[:8]), abs=NEAR)


def test_what_no_model_makes_is_refused_by_name(http: httpx.Client) -> None:
    made = http.post("/api/embed", json={"model": CHAT, "input": "x"})
    assert (made.status_code, made.json()) == (501, {"error": "this model does not support embeddings"})
    said = http.post("/api/chat", json={"model": EMBED, "messages": [{"role": "user", "content": "x"}]})
    assert (said.status_code, said.json()) == (400, {"error": f'"{EMBED}" does not support chat'})


def test_the_elder_route_says_the_same(http: httpx.Client) -> None:
    found = http.post("/api/embeddings", json={"model": EMBED, "prompt": "hello"}).json()["embedding"]
    assert found == pytest.approx(vectors(http, "hello")["embeddings"][0], abs=NEAR)
