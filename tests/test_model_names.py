"""One model has many names: host, namespace and tag may be left out, and case does not count."""

from __future__ import annotations

import itertools

import pytest

from showcase.engines.model_names import key, same, short

ONE = (
    "deep-mem",
    "deep-mem:latest",
    "Deep-Mem:LATEST",
    "library/deep-mem",
    "registry.ollama.ai/library/deep-mem:latest",
    "https://registry.ollama.ai/library/deep-mem",
    "Registry.Ollama.AI/Library/deep-mem",
    " deep-mem ",
    "deep-mem:local",
)
OTHERS = (
    "deep-mem:4b",
    "deep-mem:cloud",
    "deep-mem:latest-cloud",
    "me/deep-mem",
    "hf.co/library/deep-mem",
    "localhost:5000/library/deep-mem",
    "deep-mem2",
    "deep-mem@sha256:0123",
    "a/b/c/deep-mem",
)


@pytest.mark.parametrize(("one", "other"), tuple(itertools.combinations(ONE, 2)))
def test_spellings_of_one_model_are_one(one: str, other: str) -> None:
    assert same(one, other)
    assert short(one).casefold() == "deep-mem"


@pytest.mark.parametrize(("one", "other"), tuple(itertools.combinations((ONE[0], *OTHERS), 2)))
def test_other_models_are_others(one: str, other: str) -> None:
    assert not same(one, other)
    assert key(one) != key(other)


def test_a_name_of_another_place_keeps_it() -> None:
    assert short("hf.co/User/Deep-Mem-GGUF:Q4_K_M") == "hf.co/User/Deep-Mem-GGUF:Q4_K_M"
    assert short("localhost:5000/me/deep-mem:latest") == "localhost:5000/me/deep-mem"
