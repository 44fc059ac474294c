"""A run of the embedded engine on the page: what it is called, and whose file the model is."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reading import cells, words

from showcase import runlog
from showcase.engines.models.found.digests import known_files
from showcase.evidence import PhaseRun
from showcase.report import redact, render, render_comparison

if TYPE_CHECKING:
    from showcase.evidence import Run

LOG = Path(__file__).parents[1] / "logs" / "version-5" / "run-embedded.json"


@pytest.fixture(scope="module")
def embedded() -> Run:
    return runlog.read(LOG)


def folded(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup)))


def with_chat(run: Run, **changes: object) -> Run:
    assert run.engine is not None
    chat = replace(run.engine.chat_model, **changes)  # type: ignore[arg-type]
    return replace(run, engine=replace(run.engine, chat_model=chat))


def test_it_is_called_by_its_name_wherever_an_engine_is_named(embedded: Run) -> None:
    page = render(embedded)
    assert embedded.engine is not None
    named = f"mbedded engine {embedded.engine.version}"
    assert f"E{named}" in folded(page.partition('<header class="masthead">')[2].partition("</header>")[0])
    assert f"Embedded engine (llama.cpp) {embedded.engine.version}" in words(page, "engine")
    assert f"the e{named} at 127.0.0.1" in words(page, "network"), "the server behind the port"
    for section in ("engine", "network"):
        assert "Ollama 0" not in words(page, section)
        assert "no language model" not in words(page, section).lower()


def test_a_file_that_nobody_knows_is_said_to_be_that(embedded: Run) -> None:
    assert embedded.engine is not None
    chat = embedded.engine.chat_model
    said = words(render(embedded), "engine")
    assert said.count("File unknown to us: nothing vouches for what it holds") == 2
    assert f"SHA-256 {chat.digest}" in said
    assert "Size 6.6 MiB, 3.45M parameters, quantization F16" in said
    assert "Licence apache-2.0, as its file says" in said
    assert "Licence none is named in it" in said, "the embedding model's"


def test_a_known_file_is_named_with_its_makers_and_their_licence(embedded: Run) -> None:
    known = next(iter(known_files().values()))
    run = with_chat(embedded, digest=known.sha256, size_bytes=known.size_bytes, license=None)
    said = words(render(run), "engine")
    assert f"File {known.file} as {known.publisher} publishes it, by its digest" in said
    assert f"none is named in it , its makers give it as {known.license}" in said
    other = words(render(with_chat(run, size_bytes=known.size_bytes + 1)), "engine")
    assert f"File not known: by its digest it is {known.file}" in other


def test_the_finding_names_the_file(embedded: Run) -> None:
    assert embedded.engine is not None
    said = folded(render(embedded))
    assert f"The chat model's file: sha256 {embedded.engine.chat_model.digest}, unknown to us" in said


def test_no_file_is_said_of_another_engine(embedded: Run) -> None:
    assert embedded.engine is not None
    ollama = replace(embedded, engine=replace(embedded.engine, kind="ollama", version="0.24.0"))
    said = words(render(ollama), "engine")
    assert "vouches" not in said
    assert "as the server says" in said


def test_the_plan_is_of_a_model_and_no_size_is_compared_that_was_not_measured(embedded: Run) -> None:
    said = words(render(embedded), "engine")
    assert "Model tiny-chat" in said
    assert "Rung" not in said
    assert "than predicted" not in said


def test_a_comparison_shows_both_digests(embedded: Run, log: Run) -> None:
    page = render_comparison([("one", embedded), ("other", log)])
    assert embedded.engine is not None
    assert log.engine is not None
    rows = {row[0].removesuffix(" differs"): row[1:] for row in cells(page, "Engine: properties of each run")}
    digests = rows["Digest of the chat model"]
    assert digests[0] == (
        f"{embedded.engine.chat_model.digest}, a file unknown to us: nothing vouches for what it holds"
    )
    assert digests[1] == log.engine.chat_model.digest
    assert rows["Kind"] == ["embedded engine (llama.cpp)", "rehearsal engine (no language model)"]


def test_every_server_of_phases_is_called_by_its_name(embedded: Run) -> None:
    phase = PhaseRun(session=1, orchestrator_pid=1, started_at=embedded.started_at, ended_at=embedded.ended_at)
    other = replace(embedded.daemons[0], ollama="0.24.0")
    run = replace(embedded, phases=(replace(phase, daemons=embedded.daemons), replace(phase, daemons=(other,))))
    said = words(render(run), "network")
    assert "the embedded engine 0.24.0-embedded" in said
    assert "Ollama 0.24.0 at" in said


def test_a_redacted_page_says_the_same_of_it(embedded: Run) -> None:
    page = render(redact(embedded), redacted=True)
    assert "unknown to us" in words(page, "engine")
    assert ".gguf" not in page


def test_what_the_file_says_of_its_licence_is_no_markup(embedded: Run) -> None:
    page = render(with_chat(embedded, license="<b>\x1b[31mfree\u202e"))
    assert "<b>\x1b" not in page
    assert "U+202E" in words(page, "engine")
