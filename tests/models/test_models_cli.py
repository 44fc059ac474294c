"""`showcase models`, as a user starts it: real processes, real servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Player

    from showcase.evidence import Endpoint


def models(*arguments: str, host: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showcase", "models", *arguments],
        env={**os.environ, "OLLAMA_HOST": host or "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_plan_shows_its_arithmetic() -> None:
    done = models("plan", "--ram", "6GB")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith("qwen3-4b-mem"))
    assert row.split() == [
        *("qwen3-4b-mem", "16384", "2.33", "GiB", "2.25", "GiB", "512", "MiB", "307", "MiB", "5.38", "GiB", "chosen")
    ]
    assert "Chosen: qwen3-4b-mem with num_ctx 16384" in done.stdout


def test_the_plan_as_json_and_for_another_context() -> None:
    document = json.loads(models("plan", "--ram", "3.5GiB", "--num-ctx", "8192", "--json").stdout)
    assert (document["chosen"], document["num_ctx"], document["extraction"]) == ("qwen2-5-1-5b-mem", 8192, False)
    assert document["free_bytes"] == 3_758_096_384
    assert {rung["num_ctx"] for rung in document["rungs"]} == {8192, 4096}


def test_the_plan_takes_the_figures_of_models_that_are_there(player: Player) -> None:
    show = json.loads(player.recorded("show-chat"))
    player.always["/api/tags"] = lambda _: {"models": [{"name": "qwen2.5:1.5b", "size": 6_939_706}]}
    player.always["/api/show"] = lambda _: show
    document = json.loads(models("plan", "--ram", "4GB", "--json", host=str(player.endpoint)).stdout)
    rung = next(rung for rung in document["rungs"] if rung["tag"] == "qwen2-5-1-5b-mem")
    assert (rung["weights_bytes"], rung["kv_cache_bytes"]) == (6_939_706, 16 * 2**20)
    assert rung["figures"]["shape_source"] == "/api/show"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("plan", "--ram", "6"), 2, "fix: give a number and a unit"),
        (("plan", "--num-ctx", "0"), 2, "num-ctx"),
        (("create", "no-such-rung"), 2, "fix: one of qwen3-4b-mem, gemma3-4b-mem"),
        (("create", "--file", "x"), 2, "showcase models create TAG --file x"),
        (("create", "x", "--file", "/no/such/file"), 2, "cannot read /no/such/file"),
        (("create", "gemma3-4b-mem"), 4, "no server answers"),
        (("check",), 4, "no server answers"),
        (("check", "--ollama-host", "http://example.com"), 2, "not a loopback address"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_way_out(arguments: tuple[str, ...], status: int, said: str) -> None:
    done = models(*arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_rehearsal_needs_nothing() -> None:
    for verb in ("create", "check"):
        done = models(verb, "rehearsal")
        assert (done.returncode, "needs nothing" in done.stdout) == (0, True)


def test_a_missing_base_is_not_downloaded_unless_asked(rehearsal: Endpoint) -> None:
    done = models("create", "llama3-2-1b-mem", host=str(rehearsal))
    assert done.returncode == 4
    assert "llama3.2:1b is not there" in done.stderr
    assert "(1.3 GB)" in done.stderr
    assert "showcase models create llama3-2-1b-mem --pull" in done.stderr
    asked = models("create", "llama3-2-1b-mem", "--pull", host=str(rehearsal))
    assert asked.returncode == 4
    assert "downloads nothing" in asked.stderr  # the rehearsal engine's own words: it was asked


def test_a_file_creates_a_model_of_any_name(rehearsal: Endpoint, tmp_path: Path) -> None:
    path = tmp_path / "Modelfile"
    path.write_text("FROM rehearsal\nPARAMETER num_ctx 4096\n", encoding="utf-8")
    done = models("create", "cli-made", "--file", str(path), "--num-ctx", "2048", host=str(rehearsal))
    assert (done.returncode, done.stderr.splitlines()[-1].strip()) == (0, "success")
    assert "created cli-made from rehearsal: num_ctx 2048" in done.stdout
    path.write_text("FROM rehearsal\nPARAMETER num_ctx many\n", encoding="utf-8")
    wrong = models("create", "cli-made", "--file", str(path), host=str(rehearsal))
    assert wrong.returncode == 2
    assert f"{path}:2: num_ctx must be a whole number of tokens" in wrong.stderr


def test_check_compares_and_fails_where_the_context_was_lowered(player: Player) -> None:
    player.always["/api/tags"] = lambda _: {"models": [{"name": "tuned-mem:latest", "size": 6_939_706}]}
    player.play("show-created", "chat-load-only", "ps-created")
    done = models("check", "tuned-mem", host=str(player.endpoint))
    assert done.returncode == 4
    assert "16384 tokens asked for, 8192 tokens in force" in done.stdout
    assert "KV cache 16 MiB" in done.stdout
    missing = models("check", "gemma3-4b-mem", host=str(player.endpoint))
    assert missing.returncode == 4
    assert "showcase models create gemma3-4b-mem" in missing.stderr


@pytest.mark.ollama
def test_create_and_check_on_a_live_server(
    ollama_server: Endpoint, scrap: Callable[[str], str], tmp_path: Path
) -> None:
    path = tmp_path / "Modelfile"
    path.write_text("FROM tiny-chat\nPARAMETER num_ctx 2048\nPARAMETER temperature 0.1\n", encoding="utf-8")
    tag = scrap("showcase-test-cli")
    made = models("create", tag, "--file", str(path), host=str(ollama_server))
    assert made.returncode == 0, made.stderr
    checked = models("check", tag, "--json", host=str(ollama_server))
    assert checked.returncode == 0, checked.stderr
    document = json.loads(checked.stdout)
    assert (document["asked_num_ctx"], document["context_length"], document["lowered"]) == (2048, 2048, False)
    assert document["kv_cache_bytes"] == 4 * 2**20
    assert abs(document["predicted_bytes"] - document["actual_bytes"]) < 0.1 * document["actual_bytes"]
