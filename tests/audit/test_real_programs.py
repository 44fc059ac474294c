"""Real programs come out as the table in the docs says. All in a seal: nothing of theirs leaves."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase.audit import programs, well_known

if TYPE_CHECKING:
    from auditing import Auditor

    from showcase.audit.well_known import Program

pytestmark = pytest.mark.usefixtures("sealable")
DOCS = Path(__file__).parents[2] / "docs" / "programs.md"
OLLAMA = shutil.which("ollama")
ROWS = well_known.programs(OLLAMA or "ollama", "go program")


def documented() -> dict[str, tuple[str, str]]:
    """Return verdict and names of each row of the table, by its title."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.count("|") == 4]
    return {title: (verdict, names) for title, verdict, names in cells}


def test_the_table_has_a_row_for_every_program() -> None:
    assert {program.title for program in ROWS} <= set(documented())


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, id=program.title, marks=pytest.mark.ollama if "ollama" in program.title else ())
        for program in ROWS
    ],
)
def test_a_program_comes_out_as_documented(program: Program, tmp_path: Path) -> None:
    if program.title == "a Go program":
        built = programs.go_program(tmp_path)
        program = next(each for each in well_known.programs("ollama", built) if each.title == program.title)
    if not programs.is_there(program):
        pytest.skip(f"{program.command[0]} or {program.module} is not installed here")
    (tmp_path / "home").mkdir()
    verdict, names = (cell.strip() for cell in programs.row(program, tmp_path / "home").strip("|").split("|")[1:])
    told, named = documented()[program.title]
    assert verdict == told
    # Which packages are on the stack differs between their versions; and threads ask now in this order, now in that.
    asked, expected = ({name.split(" by ")[0] for name in each.split(", ")} for each in (names, named))
    if program.always is None:
        assert asked == expected
    else:
        assert {f"`{name}`" for name in program.always} <= asked <= expected
    if program.title == "mem0, as installed":
        assert " by posthog > " in names


def test_a_program_of_a_package_that_is_not_there_is_left_out() -> None:
    program = next(each for each in ROWS if each.title == "curl")
    for module in ("no_such_package", "no_such_package.inner"):
        assert not programs.is_there(replace(program, command=(sys.executable,), module=module))


CLIENT = """
import json, sys, urllib.request
said = {"model": "gpt-oss:120b-cloud", "messages": [{"role": "user", "content": "my dog is called Biscuit"}]}
url = "http://127.0.0.1:11999/api/chat"
for attempt in range(100):
    try:
        urllib.request.urlopen(url, json.dumps(said).encode(), timeout=20).read()
    except urllib.error.HTTPError:
        break
    except OSError:
        __import__("time").sleep(0.1)
"""


@pytest.mark.ollama
def test_a_real_server_shows_what_it_would_have_posted_without_its_key(run: Auditor, tmp_path: Path) -> None:
    """A client asks a server with its defaults for a cloud model; both are in the seal, with the sink revealing."""
    if OLLAMA is None:
        pytest.skip("no ollama on PATH")
    page = tmp_path / "page.html"
    both = f"{OLLAMA} serve >/dev/null 2>&1 & {sys.executable} -c '{CLIENT}'; sleep 2; kill %1"
    done = run(
        *("--seal=sink", "--reveal", "--no-bridge", "--report", str(page), "--", "bash", "-mc", both),
        HOME=str(tmp_path),
        OLLAMA_HOST="127.0.0.1:11999",
        NO_PROXY="*",
    )
    assert done.exit_code == 1, done.stderr
    said = {str(request).partition("?")[0]: request for request in done.run.requests}
    assert "GET https://ollama.com:443/api/tags" in said or "GET https://ollama.com/api/tags" in said
    (posted,) = [request for request in done.run.requests if request.method == "POST"]
    assert "my dog is called Biscuit" in (posted.body or "")
    headers = {name.lower(): value for request in done.run.requests for name, value in request.headers}
    assert headers["authorization"] == "[redacted]"
    key = next((tmp_path / ".ollama").glob("*.pub")).read_text().split()[1]
    everything = done.log.read_text() + done.stderr + page.read_text(encoding="utf-8")
    assert key not in everything
    assert "my dog is called Biscuit" in page.read_text(encoding="utf-8")
