"""The engine that only embeds is one to a client of Ollama, with as many dimensions as it was asked for."""

from __future__ import annotations

import ollama
import pytest

from showcase.labs import word_vectors


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_texts_that_share_words_are_near_and_vectors_have_length_one() -> None:
    key, question, bees = (
        word_vectors.embed(text, 320) for text in ("the spare key hangs there", "Where is the spare KEY?", "bees")
    )
    assert cosine(key, key) == pytest.approx(1)
    assert cosine(key, question) > 0.5 > cosine(key, bees)
    assert cosine(word_vectors.embed("?!", 320), word_vectors.embed("", 320)) == 1


def test_a_client_of_ollama_finds_models_dimensions_and_vectors() -> None:
    with word_vectors.serve({"a:latest": 192, "b:latest": 320}) as where:
        client = ollama.Client(host=str(where), trust_env=False)
        assert [model.model for model in client.list().models] == ["a:latest", "b:latest"]
        assert [len(vector) for vector in client.embed(model="a", input=["x", "y"]).embeddings] == [192, 192]
        assert len(client.embeddings(model="b:latest", prompt="x").embedding) == 320
        facts = client.show("b").modelinfo or {}
        assert [number for name, number in facts.items() if name.endswith("embedding_length")] == [320]
        with pytest.raises(ollama.ResponseError):
            client.embed(model="c", input="x")
        with pytest.raises(ollama.ResponseError):
            client.chat(model="a", messages=[{"role": "user", "content": "x"}])
