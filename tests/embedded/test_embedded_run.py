"""A whole run on model files, watched by all witnesses, without any download."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from made_models import CONTEXT, write_chat, write_embedder
from program import showcase

if TYPE_CHECKING:
    from pathlib import Path

CLAIMS = {"processes", "persistence", "egress", "engine-local", "telemetry", "context", "daemon"}
CHANCE = "isolation"
"""It rests on a reply that is whole, and a model of random weights may say nothing at all."""


LONG = f"""
question = "what do I like?"

[[users]]
id = "alice"
memories = ["{"I like tea. " * (CONTEXT // 10)}"]

[[users]]
id = "bob"
memories = ["I like water."]
"""


def test_a_run_on_model_files_upholds_its_claims_and_names_them_by_their_bytes(tmp_path: Path) -> None:
    chat = write_chat(tmp_path / "models-of-somebody" / "pocket.gguf", ends=1.4)
    embed = write_embedder(tmp_path / "models-of-somebody" / "pocket-vectors.gguf")
    words = ("run", "--engine", "embedded", "--chat-model", str(chat), "--embed-model", str(embed))
    done = showcase(*words, "--no-drill", "--out", str(tmp_path / "out"))
    said = {line.split()[2]: line.split()[1] for line in done.stdout.splitlines() if line.startswith(("✓", "?", "✗"))}
    assert {claim for claim, verdict in said.items() if verdict == "upheld"} - {CHANCE} == CLAIMS, done.stdout
    assert said[CHANCE] in {"upheld", "inconclusive"}
    assert done.returncode == (0 if said[CHANCE] == "upheld" else 3)
    log = (tmp_path / "out" / "run-log.json").read_text(encoding="utf-8")
    for path in (chat, embed):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in log
        assert path.stem in log
    assert "models-of-somebody" not in log


def test_a_prompt_that_is_cut_breaks_its_claim_by_the_engines_own_count(tmp_path: Path) -> None:
    chat = write_chat(tmp_path / "pocket.gguf", ends=1.4)
    scenario = tmp_path / "long.toml"
    scenario.write_text(LONG, encoding="utf-8")
    words = ("run", "--engine", "embedded", "--chat-model", str(chat), "--scenario", str(scenario))
    done = showcase(*words, "--no-drill", "--out", str(tmp_path / "out"))
    assert done.returncode == 1, done.stderr
    told = next(line for line in done.stdout.splitlines() if line.split()[2:3] == ["context"])
    assert told.split()[1:4] == ["broken", "context", "recorded"]
    assert f"{CONTEXT - 1} were read" in told
