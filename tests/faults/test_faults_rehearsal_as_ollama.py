"""The rehearsal engine where an Ollama is expected: named as what it is, everywhere, and watched as a stranger."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from lying_server import lying
from program import showcase

from showcase import runlog
from showcase.evidence import says_rehearsal

if TYPE_CHECKING:
    from pathlib import Path

    from planting import Ended, Place

    from showcase.evidence import Endpoint, Run

NAME = "the rehearsal engine (no language model)"
NOTICE = "No language model took part."


def page_of(out: Path) -> str:
    """Return the words of the page, without those of its embedded log and of its script."""
    page = (out / "mem0-cross-session-showcase.html").read_text("utf-8")
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def named_right(place: Place, ended: Ended) -> Run:
    """Return the log of a run whose every word about the engine was looked at."""
    log = runlog.read(place.out / "run-log.json")
    assert log.engine is not None
    assert log.engine.is_rehearsal
    assert "no language model takes part" in log.engine.why
    assert f"engine: {NAME}, which was there already" in ended.stderr
    assert f"Engine: {NAME}, " in ended.stdout
    page = page_of(place.out)
    assert NOTICE in page
    assert "Rehearsal engine 0.24.0" in " ".join(page.split())
    verdicts = " ".join(word for verdict in log.claims for word in (verdict.reason, *verdict.limits))
    for text in (ended.stdout, page, verdicts):
        assert "Ollama 0.24.0" not in text
        assert "ollama 0.24.0" not in text
        assert not re.search(r"Ollama(, | at |: \d+ process)", text)
    return log


@pytest.mark.parametrize("engine_option", ["ollama", "auto"])
def test_it_is_named_as_what_it_is(place: Place, engine: Endpoint, engine_option: str) -> None:
    ended = place.run("--engine", engine_option, "--ollama-host", str(engine), "--phase", "1")
    log = named_right(place, ended)
    assert log.engine is not None
    assert not log.engine.started
    (daemon,) = log.daemons
    assert daemon.sight != "witnesses"
    verdicts = {verdict.id: verdict for verdict in log.claims}
    assert verdicts["engine-local"].reason.startswith("the rehearsal engine 0.24.0-rehearsal at")
    assert not any("process of this run" in limit for limit in verdicts["engine-local"].limits)
    assert "the rehearsal engine 0.24.0-rehearsal" in verdicts["daemon"].reason
    assert showcase("verify", str(place.out / "run-log.json")).returncode == ended.code


def test_behind_a_server_that_answers_with_another_version(place: Place, engine: Endpoint) -> None:
    with lying(engine, "version:0.24.0") as address:
        ended = place.run("--engine", "ollama", "--ollama-host", address, "--phase", "1")
    log = runlog.read(place.out / "run-log.json")
    assert log.engine is not None
    assert (log.engine.version, log.engine.is_rehearsal) == ("0.24.0", True)
    assert f"Engine: {NAME}, " in ended.stdout
    assert NOTICE in page_of(place.out)


def test_the_doctor_names_it_too(place: Place, engine: Endpoint) -> None:
    done = showcase("doctor", "--ollama-host", str(engine), cwd=place.directory)
    assert "the rehearsal engine 0.24.0-rehearsal, which is no language model" in done.stdout
    assert "which is no language model" in next(line for line in done.stdout.splitlines() if "chat: rehearsal" in line)


@pytest.mark.parametrize(
    ("version", "family", "expected"),
    [
        ("0.24.0-rehearsal", None, True),
        ("0.24.0", "rehearsal", True),
        ("0.24.0", "llama", False),
        ("0.24.0-rc1", None, False),
        (None, None, False),
    ],
)
def test_how_it_is_known(version: str | None, family: str | None, *, expected: bool) -> None:
    assert says_rehearsal(version, family) is expected
