"""Contexts that are too small: a cut prompt breaks the claim, and an extraction that cannot work is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from program import Finished, showcase

from showcase.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeModel

    from showcase.evidence import Endpoint, Verdict


def at(endpoint: Endpoint, out: Path, *arguments: str) -> Finished:
    """Run the program against a server that it takes for Ollama."""
    host = ("--engine", "ollama", "--ollama-host", str(endpoint))
    done = showcase("run", *host, "--out", str(out), "--witness", "hook", "--no-drill", *arguments)
    return Finished(out=out, exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def context(done: Finished) -> Verdict:
    return next(verdict for verdict in done.log.claims if verdict.id == "context")


def cut_and_broken(done: Finished) -> None:
    assert done.exit_code == ExitCode.BROKEN, done.stdout + done.stderr
    assert context(done).status == "broken"
    assert "does not fit, 40 were read in a context of 40" in context(done).reason
    assert showcase("verify", str(done.out / "run-log.json")).returncode == ExitCode.BROKEN
    (read,) = done.log.sessions[1].prompts
    assert (read.outcome, read.refused, read.evaluated_tokens, read.context_length) == ("cut", True, 40, 40)


def refused(done: Finished, num_ctx: int, fix: str) -> None:
    assert done.exit_code == ExitCode.ENVIRONMENT, done.stdout + done.stderr
    assert f"does not fit into a context of {num_ctx} tokens" in done.stderr
    assert fix in done.stderr
    assert context(done).status == "inconclusive", "nothing was sent to be read, so nothing was cut"
    (session,) = done.log.sessions
    assert session.planted == ()
    (read,) = session.prompts
    assert (read.purpose, read.refused, read.context_length) == ("preflight", True, num_ctx)


def test_a_question_that_was_cut_breaks_the_claim(engine: Endpoint, make_model: MakeModel, tmp_path: Path) -> None:
    cut_and_broken(at(engine, tmp_path / "out", "--chat-model", make_model("narrow", num_ctx=40)))


def test_an_extraction_that_does_not_fit_is_refused_with_the_way_out(
    engine: Endpoint, make_model: MakeModel, tmp_path: Path
) -> None:
    tag = make_model("qwen2-5-1-5b-mem", num_ctx=8192)
    done = at(engine, tmp_path / "out", "--infer", "--chat-model", tag)
    refused(done, 8192, f"showcase models create {tag} --num-ctx 16384")


@pytest.mark.ollama
class TestLiveServer:
    models = ("--chat-model", "tiny-chat", "--embed-model", "all-minilm")

    def test_a_whole_run_upholds_every_claim(self, ollama_server: Endpoint, tmp_path: Path) -> None:
        done = at(ollama_server, tmp_path / "out", *self.models)
        assert done.exit_code == ExitCode.UPHELD, done.stdout + done.stderr
        assert context(done).status == "upheld"

    def test_mem0_s_prompt_does_not_fit_the_small_model(self, ollama_server: Endpoint, tmp_path: Path) -> None:
        done = at(ollama_server, tmp_path / "out", "--infer", *self.models)
        num_ctx = done.log.sessions[0].prompts[0].context_length
        assert num_ctx in (4096, 8192), "its own limit, or the server's default"
        refused(done, num_ctx, "showcase models create ")

    def test_a_question_that_was_cut(self, ollama_server: Endpoint, make_live_model: MakeModel, tmp_path: Path) -> None:
        tag = make_live_model("showcase-test-narrow", num_ctx=40)
        cut_and_broken(at(ollama_server, tmp_path / "out", "--chat-model", tag, "--embed-model", "all-minilm"))
