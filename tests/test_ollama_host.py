"""`OLLAMA_HOST` as people set it: one reading, which leads where Ollama goes, or says that it does not."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from ollama._client import _parse_host

from showcase.errors import UsageError
from showcase.processes.environment import out_of_sight
from showcase.settings.ollama_host import OPTION, VARIABLE, find, read

if TYPE_CHECKING:
    from pathlib import Path

USUAL = "http://127.0.0.1:11434"

# What was set; where this program goes; where Ollama goes, by `ConnectableHost` of its source, compiled and asked.
ACCEPTED = (
    ("", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ("   ", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ('""', "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ("127.0.0.1", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ("127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("127.0.0.1:011434", "127.0.0.1:11434", "http://127.0.0.1:011434"),
    (":8080", "127.0.0.1:8080", "http://:8080"),
    ("http://:8080", "127.0.0.1:8080", "http://:8080"),
    ("127.0.0.1:11434\r", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ("localhost", "127.0.0.1:11434", "http://localhost:11434"),
    ("LocalHost:1", "127.0.0.1:1", "http://LocalHost:1"),
    ("localhost:", "127.0.0.1:11434", "http://localhost:11434"),
    ("localhost.", "127.0.0.1:11434", "http://localhost.:11434"),
    ("127.8.9.10", "127.8.9.10:11434", "http://127.8.9.10:11434"),
    ("http://127.0.0.1:11434", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ("http://127.0.0.1:11434//", "127.0.0.1:11434", "http://127.0.0.1:11434/"),
    ("http://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1:80"),
    ("http://127.0.0.1:", "127.0.0.1:80", "http://127.0.0.1:80"),
    ("HTTP://127.0.0.1", "127.0.0.1:11434", "HTTP://127.0.0.1:11434"),
    ("HTTP://LocalHost:7", "127.0.0.1:7", "HTTP://LocalHost:7"),
    ("[::1]", "[::1]:11434", "http://[::1]:11434"),
    ("http://[::1]:7/", "[::1]:7", "http://[::1]:7"),
    ("http://[::1]", "[::1]:80", "http://[::1]:80"),
    ("::1", "[::1]:11434", "http://[::1]:11434"),
    ("http://::1", "[::1]:80", "http://[::1]:80"),
    ("0:0:0:0:0:0:0:1", "[::1]:11434", "http://[::1]:11434"),
    ("[::1%lo]:7", "[::1]:7", "http://[::1%25lo]:7"),
    ("::ffff:127.0.0.1", "127.0.0.1:11434", "http://127.0.0.1:11434"),
    ('"127.0.0.1:7"', "127.0.0.1:7", "http://127.0.0.1:7"),
    ("'http://127.0.0.1:7'", "127.0.0.1:7", "http://127.0.0.1:7"),
    (' " 127.0.0.1:7 " ', "127.0.0.1:7", "http://127.0.0.1:7"),
    ("0.0.0.0", "127.0.0.1:11434", "http://127.0.0.1:11434"),  # noqa: S104 - people set it
    ("0.0.0.0:7", "127.0.0.1:7", "http://127.0.0.1:7"),
    ("[::]:7", "[::1]:7", "http://[::1]:7"),
    ("::", "[::1]:11434", "http://[::1]:11434"),
)

# What was set; what is typed instead.
REFUSED = (
    ("127.0.0.1:x", USUAL),
    ("127.0.0.1:0", USUAL),
    ("127.0.0.1:65536", USUAL),
    ("127.0.0.1:-1", USUAL),
    ("127.0.0.1:+80", USUAL),
    ("127.0.0.1:\u0661\u0661", USUAL),
    ("127.0.0.1:" + "9" * 5000, USUAL),
    ("127.0.0.1:11434\u200b", USUAL),
    ("127.0.0.1:7/ollama", "http://127.0.0.1:7"),
    ("http://[::1]:7/v1", "http://[::1]:7"),
    ("127.0.0.1:7?key=hidden", "http://127.0.0.1:7"),
    ("127.0.0.1:7#hidden", "http://127.0.0.1:7"),
    ("http://user:hidden@127.0.0.1:7", "http://127.0.0.1:11434"),
    ("user:hidden@127.0.0.1", USUAL),
    ("http://user:hid/hidden@127.0.0.1:11434", USUAL),
    ("http://user:hidden@hidden@192.0.2.1", USUAL),
    ("https://127.0.0.1", USUAL),
    ("https://127.0.0.1:4711", "http://127.0.0.1:4711"),
    ("ftp://127.0.0.1", USUAL),
    ("unix:///run/ollama.sock", USUAL),
    ("http://", USUAL),
    ("http:///x", USUAL),
    ("//127.0.0.1", USUAL),
    ("http:127.0.0.1", USUAL),
    ("[::1", USUAL),
    ("http://[::1", USUAL),
    ("[::1]x", USUAL),
    ("[]:7", USUAL),
    ("[127.0.0.1]:7", "http://127.0.0.1:7"),
    ("::1:11434", "http://[::1]:11434"),
    ("127.0.0.1:7:8", USUAL),
    ("127.0.0.1, 127.0.0.2", USUAL),
    ("192.168.1.7", USUAL),
    ("http://192.0.2.1:4711", "http://127.0.0.1:4711"),
    ("::ffff:192.0.2.1", USUAL),
    ("2001:db8::1", USUAL),
    ("[fe80::1%eth0]:7", "http://127.0.0.1:7"),
    ("example.org", USUAL),
    ("ollama.com", USUAL),
    ("http://localhost.example.org", "http://127.0.0.1:80"),
    ("127.1", USUAL),
    ("0", USUAL),
    ("2130706433", USUAL),
    ("0x7f.0.0.1", USUAL),
    ("127.0.0.01", USUAL),
    ("\u217cocalhost", USUAL),
    ("127.0.0.1\n11434", USUAL),
    ("\udcff", USUAL),
)


def same_place(url: str) -> str:
    """Return a client's URL as address and port, with what names this machine made one."""
    host, _, port = url.rstrip("/").partition("://")[2].rpartition(":")
    host = re.sub(r"%.*\]", "]", host)
    return f"{'127.0.0.1' if host.lower().rstrip('.') in ('', 'localhost') else host}:{int(port)}"


def reading_of_pythons_client(text: str) -> str:
    try:
        return same_place(_parse_host(text))
    except ValueError:
        return "an error"


@pytest.mark.parametrize(("text", "endpoint", "ollamas"), ACCEPTED)
def test_it_leads_where_ollama_goes(text: str, endpoint: str, ollamas: str) -> None:
    assert str(read(text, source=VARIABLE).endpoint) == endpoint == same_place(ollamas)
    assert read(text, source=OPTION).endpoint == read(text, source=VARIABLE).endpoint


@pytest.mark.parametrize(("text", "endpoint"), [row[:2] for row in ACCEPTED])
def test_where_the_python_client_goes_elsewhere_or_the_port_surprises_a_note_says_so(text: str, endpoint: str) -> None:
    place = read(text, source=VARIABLE)
    if reading_of_pythons_client(text) != endpoint or endpoint.endswith(":80"):
        assert repr(text) in place.note
        (written,) = shlex.split(place.fix.removeprefix(f"export {VARIABLE}="))
        assert read(written, source=VARIABLE).note == "", "the fix needs no other"
        assert same_place(_parse_host(written)) == str(read(written, source=VARIABLE).endpoint)
    elif "%" not in text:
        assert (place.note, place.fix) == ("", "")


def test_http_without_a_port_is_port_80_and_the_fix_names_the_usual_one() -> None:
    place = read("http://localhost", source=VARIABLE)
    assert "port 80 for Ollama, not 11434" in place.note
    assert place.fix == f"export OLLAMA_HOST={USUAL}"


@pytest.mark.parametrize(("text", "instead"), REFUSED)
def test_everything_else_is_refused_in_words_that_name_who_said_it(text: str, instead: str) -> None:
    with pytest.raises(UsageError) as by_variable:
        read(text, source=VARIABLE)
    with pytest.raises(UsageError) as by_option:
        read(text, source=OPTION)
    assert by_variable.value.message.startswith("OLLAMA_HOST=")
    assert by_variable.value.hint.startswith(f"export OLLAMA_HOST={shlex.quote(instead)}; ")
    assert by_option.value.message.startswith("--ollama-host ")
    assert by_option.value.hint == f"--ollama-host {instead}"
    for said in (by_variable.value, by_option.value):
        assert "hidden" not in said.message + said.hint
    assert not read(instead, source=OPTION).note or instead.endswith(":80")


def test_the_option_goes_before_the_variable_and_an_empty_variable_is_none() -> None:
    assert str(find("127.0.0.1:7", {VARIABLE: "192.0.2.1"}).endpoint) == "127.0.0.1:7"
    assert str(find(None, {VARIABLE: ""}).endpoint) == "127.0.0.1:11434"
    with pytest.raises(UsageError, match=r"^OLLAMA_HOST="):
        find(None, {VARIABLE: "192.0.2.1"})


def showcase(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return subprocess.run(
        [sys.executable, "-m", "showcase", *arguments],
        env={**clean, "OLLAMA_HOST": "127.0.0.1:1", **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


SHELLS = (
    {"OLLAMA_HOST": "::1"},
    {"OLLAMA_HOST": '"127.0.0.1:1"'},
    {"OLLAMA_HOST": "127.0.0.1:x"},
    {"OLLAMA_HOST": "[::1]x"},
    {"OLLAMA_HOST": "\u217cocalhost"},
    {"ALL_PROXY": "socks5://127.0.0.1:1"},
    {"http_proxy": "nothing-known://"},
    {"HTTPS_PROXY": "127.0.0.1:x"},
    {"SSL_CERT_FILE": "/no/such/file"},
    {"SSLKEYLOGFILE": "/no/such/directory/keys"},
)


@pytest.mark.parametrize("variables", SHELLS, ids=str)
def test_no_shell_keeps_the_doctor_from_looking(tmp_path: Path, variables: dict[str, str]) -> None:
    done = showcase("doctor", "--json", cwd=tmp_path, **variables)
    assert done.returncode in (0, 4), done.stderr
    levels = {(found["check"], found["level"]) for found in json.loads(done.stdout)}
    assert ("ollama", "warning") in levels
    assert ("ollama", "problem") not in levels
    planned = showcase("models", "plan", "--ram", "6GB", cwd=tmp_path, **variables)
    assert (planned.returncode, "Chosen: qwen3-4b-mem" in planned.stdout) == (0, True), planned.stderr


def test_what_a_client_would_read_is_hidden_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "::1")
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "mine")
    before = dict(os.environ)
    with out_of_sight():
        assert not {"OLLAMA_HOST", "all_proxy"} & set(os.environ)
        assert os.environ["NO_PROXY"] == "*"
    assert dict(os.environ) == before


ELSEWHERE = "http://user:hidden@192.0.2.1:11434"


def test_the_rehearsal_engine_needs_no_server_and_reads_no_variable(tmp_path: Path) -> None:
    done = showcase(
        *("run", "--engine", "rehearsal", "--plain", "--no-drill", "--phase", "1"), cwd=tmp_path, OLLAMA_HOST=ELSEWHERE
    )
    assert "engine: the rehearsal engine" in done.stderr + done.stdout, done.stderr
    assert "OLLAMA_HOST" not in done.stderr + done.stdout
    assert "--ollama-host" not in done.stderr + done.stdout


def test_auto_says_that_the_variable_leads_elsewhere_and_goes_on(tmp_path: Path) -> None:
    done = showcase("run", "--plain", "--no-drill", "--phase", "1", cwd=tmp_path, OLLAMA_HOST="192.0.2.1:4711")
    said = done.stdout + done.stderr
    assert "OLLAMA_HOST='192.0.2.1:4711' is not on this machine" in said
    assert "engine: the rehearsal engine" in said
    log = (tmp_path / "showcase-output" / "run-log.json").read_text(encoding="utf-8")
    assert "the address in OLLAMA_HOST is refused" in log
    assert "192.0.2.1" not in log, "whose server that is, is nobody's business"
    assert "--ollama-host" not in said.partition("Go on:")[2].partition("\n")[0], "nobody else is asked later either"


@pytest.mark.parametrize("arguments", [("--engine", "ollama"), ("--chat-model", "mine"), ("--embed-model", "mine")])
def test_where_a_server_is_meant_the_variable_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = showcase("run", *arguments, cwd=tmp_path, OLLAMA_HOST=ELSEWHERE)
    assert done.returncode == 2
    assert "error: OLLAMA_HOST='http://…@192.0.2.1:11434' carries" in done.stderr
    assert f"fix: export OLLAMA_HOST={USUAL}" in done.stderr
    assert "hidden" not in done.stderr + done.stdout


def test_a_server_that_is_started_goes_before_the_variable_and_the_option_is_always_read(tmp_path: Path) -> None:
    started = showcase("run", "--start-ollama=/no/such/program", cwd=tmp_path, OLLAMA_HOST="127.0.0.1:x")
    assert "OLLAMA_HOST" not in started.stderr
    assert started.returncode != 0
    wrong = showcase("run", "--engine", "rehearsal", "--ollama-host", "192.0.2.1", cwd=tmp_path)
    assert (wrong.returncode, "--ollama-host '192.0.2.1' is not on this machine" in wrong.stderr) == (2, True)
