"""The page's commands are for the system that the log names, whatever system makes the page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from run_builder import whole_run

from showcase import shell
from showcase.claims import beside
from showcase.report import commands, render

OF_POSIX = re.compile(r"(?:^|[;|&(] ?)(?:rm|ps|lsof|grep|head|sha256sum|sqlite3|python3|curl|strace|nsenter) |\$\(")


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows"])
def test_the_page_s_commands_are_of_the_log_s_system(system: str) -> None:
    run = whole_run()
    run = replace(run, platform=replace(run.platform, system=system))
    made = [check.command for check in (*commands.afterwards(run), *commands.live(run))]
    page = render(run)
    assert f"The commands are for {shell.of_system(system).title}." in page
    if system == "Windows":
        assert not [line for line in made if OF_POSIX.search(line) or "showcase-output/" in line], made
        assert any(line.endswith(r"showcase verify showcase-output\run-log.json") for line in made)
        assert any("Get-CimInstance" in line for line in made)
    else:
        assert "showcase verify showcase-output/run-log.json" in made
        assert any("strace" in line for line in made) == (system == "Linux")
        assert any(line.startswith("shasum" if system == "Darwin" else "sha256sum") for line in made)


@pytest.mark.parametrize(("system", "seal"), [("Linux", " --seal"), ("Darwin", ""), ("Windows", "")])
def test_a_verdict_names_a_seal_only_where_there_is_one(system: str, seal: str) -> None:
    run = whole_run()
    run = replace(run, platform=replace(run.platform, system=system))
    assert beside.audit_it(run).endswith(f"showcase audit{seal} -- PROGRAM")
    home = r"~\.ollama\server.json" if system == "Windows" else "~/.ollama/server.json"
    assert home in beside.cloud_on(run)
