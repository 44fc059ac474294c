"""One model file, loaded by llama.cpp; the only file that imports `xllamacpp`.

What that offers in Python does neither tokenise nor lay out messages, so it is asked by the HTTP interface that it
brings along: on a Unix socket in a directory of ours, elsewhere on a loopback port, and with a key in either case.
Nothing of it is reached by anybody else. It downloads nothing: it is told a file and to stay offline.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Any

import httpx

from showcase.engines.embedded.limits import template_limit_s
from showcase.engines.protocol.wire import ApiError
from showcase.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPARE_TOKENS = 8
"""llama.cpp takes no prompt that fills the context; one that fills `num_ctx` is taken by a real server."""

NOT_HELD = "invalid JSON schema in format: llama.cpp makes no grammar of it, and would answer in any form"

_OK = 200
_LOUD = 1000.0
"""Far beyond what any model prefers a token by."""


class EndlessTemplateError(Exception):
    """The template in the file does not come to an end; the process that runs it has to."""


class Llama:
    """A loaded model. Every method raises `ApiError` with llama.cpp's words where it refuses.

    Args:
        path: The file.
        num_ctx: Tokens that it is to read at once.
        embeds: Whether it makes vectors instead of text.
        directory: Where its socket may lie, mode 0700; it has to be a short path.
        threads: Threads to compute with.

    Raises:
        ModelError: llama.cpp cannot load it.
    """

    def __init__(self, path: Path, *, num_ctx: int, embeds: bool, directory: Path, threads: int) -> None:
        _let_threads_sleep()
        # Here, not above: it is an extra, and takes 0.1 s.
        from xllamacpp import CommonParams, Server  # noqa: PLC0415 - see above

        key = secrets.token_hex(16)
        socket = directory / f"{secrets.token_hex(4)}.sock" if os.name == "posix" else None
        told: Any = CommonParams()
        told.model.path = str(path)
        told.offline = True
        told.api_keys = [key]
        told.ui = told.endpoint_slots = told.endpoint_props = told.endpoint_metrics = False
        if socket is not None:
            told.hostnames = [str(socket)]
        told.n_ctx = num_ctx + SPARE_TOKENS
        told.n_parallel = 1
        told.cpuparams.n_threads = told.cpuparams_batch.n_threads = threads
        # What is planned is what is taken: no other context than asked for, no cache of prompts beside it.
        told.fit_params = False
        told.cache_ram_mib = told.n_ctx_checkpoints = 0
        told.ctx_shift = not embeds
        told.warmup = False
        told.verbosity = -1
        told.use_jinja = True
        told.embedding = embeds
        if embeds:  # a text is read in one piece
            told.n_batch = told.n_ubatch = told.n_ctx
        try:
            self._server: Any = Server(told)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise ModelError(
                f"llama.cpp cannot load {path}: {error}",
                hint="the file is damaged, of a kind that this llama.cpp does not know, or its template for chats is "
                "none; look at it: showcase models list --digest, and take another",
            ) from error
        self.num_ctx = num_ctx
        address = self._server.listening_address if socket is None else "http://llama"
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=None if socket is None else str(socket),
                # A connection for each request: llama.cpp closes one after a stream without having said so, and the
                # request that comes next is lost where it is sent in between.
                limits=httpx.Limits(max_keepalive_connections=0),
            ),
            base_url=address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=None,  # noqa: S113 - a large model takes as long as it takes; whoever asks has a limit of their own
            trust_env=False,
        )

    async def close(self) -> None:
        """Free what it holds."""
        await self._http.aclose()
        self._server = None

    async def tokens(self, text: str, *, special: bool = True) -> list[int]:
        """Return the numbers of a text's tokens, with those that begin and end one where `special`."""
        found = await self._ask("/tokenize", {"content": text, "add_special": special, "parse_special": True})
        return [int(each) for each in found["tokens"]]

    async def laid_out(self, messages: Sequence[dict[str, str]]) -> str:
        """Return messages as the template in the file lays them out.

        Raises:
            EndlessTemplateError: It does not come to an end.
            ApiError: It refuses these messages.
        """
        asked = {"messages": list(messages), "chat_template_kwargs": {"enable_thinking": False}}
        try:
            found = await asyncio.wait_for(self._ask("/apply-template", asked), template_limit_s())
        except asyncio.TimeoutError as error:
            raise EndlessTemplateError from error
        return str(found["prompt"])

    async def vectors(self, texts: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return a vector of length 1 for each text, given as tokens."""
        found: Any = await self._ask("/embedding", {"content": [list(each) for each in texts]})
        return [each["embedding"][0] for each in sorted(found, key=lambda each: each["index"])]

    async def require_held(self, asked: dict[str, Any]) -> float:
        """Refuse a form that a reply would not be held to: llama.cpp says nothing where it makes no grammar of one.

        The model is made to want what no JSON begins with; one that is held does not say it.

        Returns:
            How long the prompt took to read, ms: it is read now, and not again for the reply.

        Raises:
            ApiError: 500, it is not held.
        """
        no_json = "x"
        wanted = [[(await self.tokens(no_json, special=False))[-1], _LOUD]]
        once = {"n_predict": 1, "temperature": 0, "stop": [], "logit_bias": wanted}
        made = await self._ask("/completion", {**asked, **once})
        if str(made["content"]).lstrip().startswith(no_json):
            raise ApiError(500, NOT_HELD)
        return float(made["timings"]["prompt_ms"])

    def completion(self, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - httpx's own context manager
        """Return the stream of llama.cpp's answer to a prompt."""
        return self._http.stream("POST", "/completion", json={**asked, "stream": True})

    async def _ask(self, path: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - what llama.cpp answers
        answer = await self._http.post(path, json=asked)
        if answer.status_code != _OK:
            raise refusal(answer.json())
        return answer.json()


def _let_threads_sleep() -> None:
    """Have a thread that waits for another sleep; read by OpenMP when llama.cpp is imported.

    By default it spins, and where other programs compute as well, it does so in the time that the other would need: a
    model of 0.5 B on two busy cores wrote 0.7 tokens a second, and 35 like this.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def refusal(answer: object) -> ApiError:
    """Return what llama.cpp said where it refused."""
    error = answer.get("error") if isinstance(answer, dict) else None
    said = error.get("message") if isinstance(error, dict) else None
    return ApiError(500, str(said or "llama.cpp refused without a reason"))
