"""The stock clients, driven through every call they have."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import ollama
import pytest

from showcase.engines.rehearsal.engine import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Running

SYSTEM = {"role": "system", "content": "What you know about the user:\n- I keep two goats.\n- I was born in Ghent."}
ASKED = [SYSTEM, {"role": "user", "content": "Where was I born?"}]
SAID = "You told me: You were born in Ghent."
MODELS = ["rehearsal:latest", "rehearsal-embed:latest", "rehearsal-embed-multilingual:latest"]


@pytest.fixture
def client(own_engine: Running) -> Iterator[ollama.Client]:
    opened = ollama.Client(host=own_engine.url, trust_env=False, timeout=30)
    yield opened
    opened._client.close()


def test_client(client: ollama.Client) -> None:
    assert [model.model for model in client.list().models] == MODELS
    shown = client.show("rehearsal")
    assert shown.capabilities == ["completion"]
    assert "Not a language model" in (shown.modelinfo or {})["general.description"]
    assert client.show("rehearsal-embed").capabilities == ["embedding"]

    assert client.chat("rehearsal", ASKED).message.content == SAID
    streamed = list(client.chat("rehearsal", ASKED, stream=True))
    assert "".join(part.message.content or "" for part in streamed) == SAID
    assert [part.done for part in streamed] == [False] * (len(streamed) - 1) + [True]
    assert client.generate("rehearsal", "Where was I born?", system=SYSTEM["content"]).response == SAID
    parts = list(client.generate("rehearsal", "Where was I born?", system=SYSTEM["content"], stream=True))
    assert "".join(part.response for part in parts) == SAID

    embedded = client.embed("rehearsal-embed", ["a goat", "a kid", "an invoice"])
    assert [len(vector) for vector in embedded.embeddings] == [256] * 3
    assert len(client.embeddings("rehearsal-embed", "a goat").embedding) == 256
    assert {model.model for model in client.ps().models} == {"rehearsal:latest", "rehearsal-embed:latest"}

    assert (
        client.create("mine", from_="rehearsal", parameters={"num_ctx": 512}, system="- I own a kiln.").status
        == "success"
    )
    progress = [part.status for part in client.create("mine-too", from_="mine", stream=True)]
    assert progress[-1] == "success"
    assert client.show("mine").parameters == "num_ctx                        512"
    assert client.chat("mine", [{"role": "user", "content": "Do I own a kiln?"}]).message.content == (
        "You told me: You own a kiln."
    )
    assert client.copy("mine", "other").status == "success"
    assert client.delete("other").status == "success"
    with pytest.raises(ollama.ResponseError, match="model 'other' not found"):
        client.delete("other")


def test_what_would_fetch_or_send_is_refused(client: ollama.Client) -> None:
    for call in (
        lambda: client.pull("qwen3:4b"),
        lambda: list(client.pull("qwen3:4b", stream=True)),
        lambda: client.push("rehearsal"),
        lambda: client.create("mine", from_="not-here"),
    ):
        with pytest.raises(ollama.ResponseError, match="downloads nothing"):
            call()
    with pytest.raises(ollama.ResponseError, match="cloud is disabled"):
        client.chat("gpt-oss:120b-cloud", ASKED)
    assert len(client.list().models) == len(MODELS)


def test_blobs_are_not_taken(client: ollama.Client, tmp_path: object) -> None:
    path = f"{tmp_path}/model.gguf"
    with open(path, "wb") as file:  # noqa: PTH123 - the client takes a string
        file.write(b"GGUF")
    with pytest.raises(ollama.ResponseError, match="no model files"):
        client.create_blob(path)


def test_async_client(own_engine: Running) -> None:
    async def drive() -> None:
        client = ollama.AsyncClient(host=own_engine.url, trust_env=False, timeout=30)
        assert len((await client.list()).models) == len(MODELS)
        assert (await client.show("rehearsal")).capabilities == ["completion"]
        assert (await client.chat("rehearsal", ASKED)).message.content == SAID
        texts = [part.message.content or "" async for part in await client.chat("rehearsal", ASKED, stream=True)]
        assert "".join(texts) == SAID
        assert (await client.generate("rehearsal", "Hello")).response.startswith("Hello")
        assert [part.done async for part in await client.generate("rehearsal", "Hello", stream=True)][-1]
        assert len((await client.embed("rehearsal-embed", "x")).embeddings) == 1
        assert len((await client.embeddings("rehearsal-embed", "x")).embedding) == 256
        assert len((await client.ps()).models) == 2
        assert (await client.create("mine", from_="rehearsal")).status == "success"
        assert (await client.copy("mine", "other")).status == "success"
        assert (await client.delete("other")).status == "success"
        with pytest.raises(ollama.ResponseError):
            await client.pull("qwen3:4b")
        with pytest.raises(ollama.ResponseError):
            await client.push("mine")
        await client._client.aclose()

    asyncio.run(drive())


def test_version_is_a_number_that_says_what_it_is() -> None:
    number, _, rest = VERSION.partition("-")
    assert tuple(map(int, number.split("."))) >= (0, 24, 0)
    assert rest == "rehearsal"
