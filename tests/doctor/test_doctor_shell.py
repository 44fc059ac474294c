"""The doctor looks at what the shell hands to libraries: telemetry, proxies, keys."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values
from looked_at import doctor

from showcase.doctor.shell import set_in

if TYPE_CHECKING:
    from pathlib import Path


def only(found: dict[str, list[dict[str, str]]], check: str) -> dict[str, str]:
    (finding,) = found[check]
    return finding


@pytest.mark.parametrize(
    ("variables", "level", "part"),
    [
        ({}, "warning", "MEM0_TELEMETRY is not set"),
        ({"MEM0_TELEMETRY": "True"}, "warning", "switches mem0's telemetry on"),
        ({"MEM0_TELEMETRY": "1"}, "warning", "switches mem0's telemetry on"),
        ({"MEM0_TELEMETRY": "False"}, "ok", "switches mem0's telemetry off"),
        ({"MEM0_TELEMETRY": "on"}, "ok", "switches mem0's telemetry off"),
        ({"HF_HUB_DISABLE_TELEMETRY": "False"}, "warning", "leaves the telemetry of huggingface_hub on"),
        ({"MEM0_TELEMETRY_SAMPLE_RATE": "0"}, "ok", "still fetches its notices"),
        ({"DO_NOT_TRACK": "1"}, "ok", "mem0 does not read it"),
        ({"ANONYMIZED_TELEMETRY": "False"}, "ok", "nothing reads it"),
        ({"CHROMA_OTEL_COLLECTION_ENDPOINT": "http://192.0.2.1:4317"}, "warning", "makes chromadb export"),
    ],
)
def test_what_a_telemetry_variable_really_does(
    tmp_path: Path, variables: dict[str, str], level: str, part: str
) -> None:
    _, found = doctor(cwd=tmp_path, **variables)
    assert level in [finding["level"] for finding in found["telemetry"] if part in finding["message"]]


def test_a_dotenv_that_chromadb_would_read_is_seen(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("chroma_otel_collection_endpoint=http://192.0.2.1:4317\n", encoding="utf-8")
    _, found = doctor(cwd=tmp_path, MEM0_TELEMETRY="False")
    assert [finding["level"] for finding in found["telemetry"]] == ["ok", "warning"]


ENDPOINT = "CHROMA_OTEL_COLLECTION_ENDPOINT"


@pytest.mark.parametrize(
    "line",
    [
        f"{ENDPOINT}=h",
        f"export {ENDPOINT}=h",
        f"  export\t{ENDPOINT} = 'h'",
        f"{ENDPOINT}=",
        f"export {ENDPOINT}=''",
        f'{ENDPOINT}=""  # none',
        f"{ENDPOINT}=  # none",
        f"{ENDPOINT}=#h",
        f"{ENDPOINT}",
        f"# {ENDPOINT}=h",
        f"{ENDPOINT.lower()}=h",
        f"{ENDPOINT}=h\n{ENDPOINT}=",
        f"{ENDPOINT}=\n{ENDPOINT}=h",
        f"{ENDPOINT}=\r\nOTHER=h\r\n",
        f"ANOTHER_{ENDPOINT}=h",
    ],
)
def test_a_dotenv_is_read_as_the_library_reads_it(line: str) -> None:
    """Chroma's settings are read by python-dotenv, through pydantic-settings, which takes names in any case."""
    values = dotenv_values(stream=StringIO(line), interpolate=False)
    theirs = {name.upper(): value for name, value in values.items()}.get(ENDPOINT)
    assert set_in(line, ENDPOINT) is bool(theirs)


@pytest.mark.parametrize(
    ("variables", "level"),
    [
        ({"HTTP_PROXY": "http://user:secret@192.0.2.1:3128"}, "warning"),
        ({"ALL_PROXY": "http://user:secret@192.0.2.1:3128", "NO_PROXY": "example.com"}, "warning"),
        ({"HTTP_PROXY": "http://user:secret@192.0.2.1:3128", "NO_PROXY": "localhost,127.0.0.1,::1"}, "ok"),
    ],
)
def test_a_proxy_is_seen_and_its_password_never_shown(tmp_path: Path, variables: dict[str, str], level: str) -> None:
    _, found = doctor(cwd=tmp_path, **variables)
    assert only(found, "proxies")["level"] == level
    assert "secret" not in json.dumps(found)


def test_a_key_that_the_client_would_send_is_seen_and_not_shown(tmp_path: Path) -> None:
    _, found = doctor(cwd=tmp_path, OLLAMA_API_KEY="secret")
    assert only(found, "credentials")["level"] == "warning"
    assert "secret" not in json.dumps(found)
