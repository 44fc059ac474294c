"""What stands behind the protocol here: llama.cpp, and the tokens that the model itself reads."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from showcase.engines.embedded import PACKAGE, limits, shipped
from showcase.engines.embedded.generation import Generation
from showcase.engines.embedded.llama import EndlessTemplateError, Llama
from showcase.engines.embedded.plan import memory_of, room_of
from showcase.engines.embedded.sampling import asked_for
from showcase.engines.protocol.fitting import TOO_LONG
from showcase.engines.protocol.interface import Layout, Vectors
from showcase.engines.protocol.wire import ApiError
from showcase.engines.rehearsal.engine import Rehearsal
from showcase.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from showcase.engines.embedded.model_file import Files, ModelFile
    from showcase.engines.protocol.catalog import Model
    from showcase.engines.protocol.interface import Completion, Message, Prompt
    from showcase.engines.protocol.options import Options

_PROTOCOL = "0.24.0-embedded"
_BATCH = 32
_DIES_AFTER_S = 0.5


def version() -> str:
    """Return what is said of it: the protocol that is spoken, by what, and which release of llama.cpp is inside."""
    return f"{_PROTOCOL}+{PACKAGE}.{metadata.version(PACKAGE)}"


class LlamaCpp:
    """A `Backend` that runs model files. What is loaded is loaded when this is made.

    Args:
        files: The models; without an embedding model the vectors are those of the rehearsal engine.
        num_ctx: Context of the chat model where a client does not say, tokens.
        directory: Where sockets may lie, mode 0700.
        loading: Told of each file before it is loaded, with how long that may take, seconds.

    Raises:
        ModelError: A file cannot be loaded.
    """

    called = "the embedded engine"
    counts_exactly = True
    takes_templates = False

    def __init__(
        self,
        files: Files,
        *,
        num_ctx: int,
        directory: Path,
        loading: Callable[[Path, float], None],
    ) -> None:
        self.version = version()
        self._asked = files
        self._files: dict[str, ModelFile] = {file.purpose: file for file in files.all()}
        self._directory = directory
        self._loading = loading
        self._static = None if files.embed else Rehearsal()
        self._threads = _threads()
        self._seen = {purpose: shipped.state_of(file.path) for purpose, file in self._files.items()}
        self._models = [shipped.model_of(file, num_ctx=num_ctx) for file in self._files.values()]
        self._loaded: dict[str, Llama] = {}
        self._locks: dict[str, asyncio.Lock] = {purpose: asyncio.Lock() for purpose in self._files}
        for model in self._models:
            self._loaded[model.weights] = self._load(model, int(model.parameters["num_ctx"]))

    def shipped(self) -> Sequence[Model]:
        """See `Backend`."""
        static = self._static.shipped() if self._static else ()
        return (*self._models, *(model for model in static if model.kind == "embed"))

    def preloaded(self) -> Sequence[tuple[Model, int]]:
        """See `Backend`."""
        return [(model, self._loaded[model.weights].num_ctx) for model in self._models]

    def information(self, model: Model) -> dict[str, Any]:
        """See `Backend`."""
        if model.weights in self._files:
            return shipped.information(self._files[model.weights])
        return self._rehearsal.information(model)

    def tensors(self, model: Model) -> list[dict[str, Any]]:
        """See `Backend`; those of a file are not listed."""
        return [] if model.weights in self._files else self._rehearsal.tensors(model)

    def most_of_a_prompt(self, model: Model, num_ctx: int) -> int:
        """See `Backend`: llama.cpp leaves room for a token of reply, and none beyond what the model was made for."""
        return min(num_ctx, model.context_length - 1)

    def memory_bytes(self, model: Model, num_ctx: int) -> int:
        """See `Backend`: by the plan."""
        if model.weights not in self._files:
            return model.size
        return memory_of(self._files[model.weights], num_ctx=num_ctx)

    async def load(self, model: Model, *, num_ctx: int) -> None:
        """See `Backend`."""
        if model.weights in self._files:
            async with self._locks[model.weights]:
                await self._ready(model, num_ctx)

    async def unload(self, model: Model) -> None:
        """See `Backend`; what is being answered is answered to its end."""
        if model.weights in self._files:
            async with self._locks[model.weights]:
                await self._drop(model.weights)

    async def lay_out(self, model: Model, messages: Sequence[Message], options: Options, *, truncate: bool) -> Layout:
        """See `Backend`."""
        async with self._reading(model, options) as llama:
            first, found = 0, await _laid_out(llama, messages, 0)
            whole = len(found.tokens)
            room = self.most_of_a_prompt(model, options.num_ctx)
            if not truncate or whole <= room:
                return found
            # The more is left out the shorter it is: the fewest that need to be are found by halving.
            least, most = 1, len(messages) - 1
            while least <= most:
                first = (least + most) // 2
                found = await _laid_out(llama, messages, first)
                if len(found.tokens) <= room:
                    most = first - 1
                else:
                    least = first + 1
            if first != least and least < len(messages):
                found = await _laid_out(llama, messages, least)
            return Layout(text=found.text, tokens=found.tokens, whole=whole)

    async def lay_out_raw(self, model: Model, text: str) -> Layout:
        """See `Backend`."""
        async with self._locks[model.weights]:
            llama = await self._ready(model, None)
            tokens = await llama.tokens(text)
        return Layout(text=text, tokens=tokens, whole=len(tokens))

    async def complete(
        self, model: Model, prompt: Prompt, options: Options, *, form: object, shift: bool
    ) -> Completion:
        """See `Backend`."""
        most = options.most_tokens
        at_once = "" in options.stop
        asked = {
            **asked_for(options, form),
            "prompt": list(prompt.tokens),
            "n_predict": 1 if at_once else most if shift else min(most, options.num_ctx - len(prompt.tokens) + 1),
            "cache_prompt": True,
        }
        lock = self._locks[model.weights]
        await lock.acquire()
        try:
            llama = await self._ready(model, options.num_ctx)
            read_ms = await llama.require_held(asked) if "json_schema" in asked else 0.0
            made = Generation(llama, asked, ends_at_once=at_once, ended=lock.release, read_ms=read_ms)
        except BaseException:
            lock.release()
            raise
        await made.begin()
        return made

    async def numbers(self, model: Model, text: str) -> Sequence[int]:
        """See `Backend`."""
        async with self._locks[model.weights]:
            llama = await self._ready(model, None)
            return await llama.tokens(text, special=False)

    async def embed(self, model: Model, texts: Sequence[str], *, limit: int, truncate: bool) -> Vectors:
        """See `Backend`."""
        if model.weights not in self._files:
            return await self._rehearsal.embed(model, texts, limit=limit, truncate=truncate)
        if model.kind != "embed":
            raise ApiError(501, "this model does not support embeddings")
        async with self._locks[model.weights]:
            llama = await self._ready(model, limit)
            read = [await llama.tokens(text) for text in texts]
            if not truncate and any(len(tokens) > limit for tokens in read):
                raise ApiError(400, TOO_LONG)
            ending = await _ending(llama)
            read = [_cut(tokens, limit, ending) for tokens in read]
            made = [
                vector
                for start in range(0, len(read), _BATCH)
                for vector in await llama.vectors(read[start : start + _BATCH])
            ]
        vectors = np.asarray(made, dtype=np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return Vectors(vectors=vectors, tokens=[len(each) for each in read])

    @property
    def _rehearsal(self) -> Rehearsal:
        if self._static is None:  # a model that is not of a file is one of those
            raise ApiError(500, "the model has no weights here")
        return self._static

    @asynccontextmanager
    async def _reading(self, model: Model, options: Options) -> AsyncIterator[Llama]:
        """Hold a model; a template that does not come to an end is the end of this process, as nothing stops it."""
        async with self._locks[model.weights]:
            llama = await self._ready(model, options.num_ctx)
            try:
                yield llama
            except EndlessTemplateError as error:
                limit = f"{limits.template_limit_s():g} s"
                said = f"the template of {model.name.short} took longer than {limit} for this conversation"
                sys.stderr.write(f"error: {said}; the engine ends\n")
                asyncio.get_running_loop().call_later(_DIES_AFTER_S, self._die)
                raise ApiError(500, f"{said}: the engine ends") from error

    def _die(self) -> None:
        """End at once: a thread that runs a template without end would hold up any other end."""
        shutil.rmtree(self._directory, ignore_errors=True)
        os._exit(1)

    async def _ready(self, model: Model, num_ctx: int | None) -> Llama:
        """Return it loaded, for that context where one is asked for; its lock is held."""
        there = self._loaded.get(model.weights)
        wanted = num_ctx or (there.num_ctx if there else int(model.parameters["num_ctx"]))
        if there is not None and there.num_ctx == wanted:
            return there
        await self._drop(model.weights)
        try:
            if model.kind == "chat":
                limits.bound_memory(room_of(self._asked, num_ctx=wanted).most_bytes)
            self._loaded[model.weights] = self._load(model, wanted)
        except ModelError as error:
            raise ApiError(500, error.message) from error
        return self._loaded[model.weights]

    async def _drop(self, weights: str) -> None:
        there = self._loaded.pop(weights, None)
        if there is not None:
            await there.close()

    def _load(self, model: Model, num_ctx: int) -> Llama:
        """Load a file, if it is still the one whose digest is told."""
        path = self._files[model.weights].path
        limit_s = limits.load_limit_s(model.size)
        self._loading(path, limit_s)
        with limits.ended_after(limit_s):
            loaded = Llama(
                path,
                num_ctx=num_ctx,
                embeds=model.kind == "embed",
                directory=self._directory,
                threads=self._threads,
            )
        shipped.require_same(path, self._seen[model.weights])
        return loaded


async def _laid_out(llama: Llama, messages: Sequence[Message], first: int) -> Layout:
    """Return the messages from `first` on as the model is to read them; those of the system stay."""
    kept = [message for index, message in enumerate(messages) if index >= first or message.role == "system"]
    text = await llama.laid_out([{"role": message.role, "content": message.content} for message in kept])
    tokens = await llama.tokens(text)
    return Layout(text=text, tokens=tokens, whole=len(tokens))


def _cut(tokens: list[int], limit: int, ending: int) -> list[int]:
    """Return the beginning of a text that is too long, with what ends every text."""
    return tokens if len(tokens) <= limit else [*tokens[: limit - ending], *tokens[len(tokens) - ending :]]


async def _ending(llama: Llama) -> int:
    """Return how many tokens end every text, as `[SEP]` does."""
    plain, whole = await llama.tokens("a", special=False), await llama.tokens("a")
    begin = next((at for at in range(len(whole)) if whole[at : at + len(plain)] == plain), 0)
    return len(whole) - begin - len(plain)


def _threads() -> int:
    """Return how many threads compute: one a core, as two of one core take from each other; no more than we may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))
