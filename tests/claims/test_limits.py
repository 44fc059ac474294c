"""A limit is one that is always so or one of this run; the first are listed once, the others are always told."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from program import showcase

from showcase import claims, runlog
from showcase.claims import limits
from showcase.cli.plain import limit_lines
from showcase.evidence import LEVELS, Storage
from showcase.evidence.limits import General, Particular
from showcase.witnesses import unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence import Run, Verdict

KEPT = sorted((Path(__file__).parents[1] / "logs").rglob("*.json"))
RUNS = ("run", "unsealed-run", "ollama-run")
AUDITS = ("audit", "sealed-audit", "limited-audit")
ALWAYS = {"hook": (*unseen.HOOK, *unseen.INJECTED_HOOK), "sockets": unseen.SOCKETS, "syscalls": unseen.SYSCALLS,
          "seal": (*unseen.SEAL, unseen.BRIDGE, unseen.DOOR)}  # fmt: skip


def meddled(run: Run) -> list[Run]:
    """Return logs of which something is true that calls for a limit of its own."""
    counted = [replace(each, counts=each.counts | {"privileged": 1, "unfenced": 1}) for each in run.witnesses]
    deaf = [replace(each, control=None) for each in run.witnesses]
    found = [
        replace(run, storage=Storage(file_system="ext4", carried_by="Dropbox")),
        replace(run, witnesses=tuple(each for each in counted if each.name != "seal")),
        *(replace(run, witnesses=(*run.witnesses[:n], deaf[n], *run.witnesses[n + 1 :])) for n in range(len(deaf))),
        replace(run, controls=()),
        replace(run, interrupted="SIGTERM"),
    ]
    if run.command is not None:
        found.append(replace(run, command=replace(run.command, weakened_by=("LD_PRELOAD is set: another",))))
    if run.engine is not None:
        asked = replace(run.engine, kind="ollama", started=False, cloud_disabled=False)
        found.append(replace(run, engine=asked))
    return found


def verdicts_of(run: Run) -> list[Verdict]:
    return [verdict for each in (run, *meddled(run)) for verdict in claims.judge(each)]


@pytest.fixture(scope="session", params=[*(path.stem for path in KEPT), *RUNS, *AUDITS])
def differing(request: pytest.FixtureRequest, upheld: Callable[[str], Run]) -> Run:
    """One of several logs, of now and of earlier versions."""
    name = request.param
    if "audit" in name and name in AUDITS:
        request.getfixturevalue("sealable")
    kept = next((path for path in KEPT if path.stem == name and name not in RUNS), None)
    return upheld(name) if kept is None else runlog.read(kept)


def is_declared(limit: str, run: Run) -> bool:
    """Return whether a limit that is not general is one that this program says of a run's facts."""
    if not any(each.says(limit) for each in limits.PARTICULAR if each is not limits.OTHER_SPOT):
        _, found, what = limit.partition(" does not see ")
        return bool(found) and run.written_as in (None, 4) and any(each.says(what) for each in unseen.PARTICULAR)
    return True


def is_kept_back(limit: str, verdict: Verdict) -> bool:
    """Return whether a limit is told to nobody: it is general, or of what no scan of files sees."""
    return limits.is_general(limit) or (verdict.status == "upheld" and limits.NOT_COVERED.says(limit))


def test_every_limit_is_general_or_particular(differing: Run) -> None:
    for verdict in verdicts_of(differing):
        for limit in verdict.limits:
            assert limits.is_general(limit) or is_declared(limit, differing), limit


def test_a_general_limit_is_of_the_claims_and_levels_that_are_listed_with_it(differing: Run) -> None:
    listed = {each.sentence: each for each in limits.GENERAL}
    for verdict in verdicts_of(differing):
        for found in (listed[limit] for limit in verdict.limits if limit in listed):
            # The claim about a server tells of the witnesses that did not count, and of no blind spots.
            assert verdict.id in found.claims, (verdict.id, found)
            assert verdict.level is None or verdict.level in found.levels, (verdict, found)


def test_what_is_listed_without_a_condition_is_a_limit_of_every_upheld_verdict(differing: Run) -> None:
    for verdict in verdicts_of(differing):
        always = {
            each.sentence
            for each in limits.GENERAL
            if each.witness is None and not each.where and verdict.id in each.claims and verdict.level in each.levels
        }
        assert verdict.status != "upheld" or always <= set(verdict.limits)


def test_what_a_witness_never_sees_is_in_each_report_of_it(differing: Run) -> None:
    for report in differing.witnesses:
        if differing.written_as is not None or not report.active:
            continue
        never = {each.text for each in ALWAYS[report.name] if not each.where}
        never |= {
            each.text
            for each in ALWAYS[report.name]
            if each.where == f"in a{'n audit' if differing.command else ' run'}"
        }
        assert never <= set(report.unseen)
        if report.name == "seal":
            assert len({unseen.BRIDGE.text, unseen.DOOR.text} & set(report.unseen)) == 1


def test_the_terminal_tells_each_particular_limit_once_and_counts_the_others(differing: Run) -> None:
    for run in (differing, *meddled(differing)):
        verdicts = claims.judge(run)
        lines = limit_lines(verdicts)
        told = {limit for verdict in verdicts for limit in verdict.limits if not is_kept_back(limit, verdict)}
        for limit in told:
            assert sum(line.endswith(f": {limit}") for line in lines) == 1, limit
        shown = [line for line in lines if line.startswith("    limit")]
        left = {limit for verdict in verdicts for limit in verdict.limits} - {
            limit for line in shown for verdict in verdicts for limit in verdict.limits if line.endswith(f": {limit}")
        }
        counted = re.findall(r"^    (\d+) general limits?: .*\blimits$", "\n".join(lines), re.MULTILINE)
        assert counted == ([str(len(left))] if left else [])
        assert all(is_kept_back(limit, verdict) for verdict in verdicts for limit in left & {*verdict.limits})


def test_what_is_broken_or_open_keeps_all_but_what_witnesses_never_see(differing: Run) -> None:
    blind = {each.sentence for each in limits.GENERAL if each.witness is not None}
    for verdict in verdicts_of(differing):
        if verdict.status != "upheld":
            assert limits.told(verdict) == tuple(limit for limit in verdict.limits if limit not in blind)


@pytest.fixture(scope="session")
def catalogue() -> tuple[dict[str, dict[str, list[str]]], str]:
    """What `showcase limits` lists, as JSON by its sentences, and as one line of text."""
    listed = {each["limit"]: each for each in json.loads(showcase("limits", "--json").stdout)}
    return listed, re.sub(r"\s+", " ", showcase("limits").stdout)


def test_limits_lists_every_general_one_that_any_log_has(
    differing: Run, catalogue: tuple[dict[str, dict[str, list[str]]], str]
) -> None:
    listed, page = catalogue
    for verdict in verdicts_of(differing):
        for limit in filter(limits.is_general, verdict.limits):
            assert verdict.id in listed[limit]["claims"]
            assert limit.rpartition(" does not see ")[2] in page


@pytest.mark.parametrize("name", ["run", "audit-seal", "audit-ollama-cloud"])
def test_limits_of_a_log_are_all_that_its_verdicts_have(name: str) -> None:
    path = next(path for path in KEPT if path.stem == name)
    expected = [(each.id, each.level, limit) for each in claims.judge(runlog.read(path)) for limit in each.limits]
    done = showcase("limits", str(path), "--json")
    found = json.loads(done.stdout)
    assert [(each["claim"], each["level"], each["limit"]) for each in found] == expected
    assert [each["general"] for each in found] == [limits.is_general(limit) for *_, limit in expected]
    page = re.sub(r"\s+", " ", showcase("limits", str(path)).stdout)
    assert all(f"- {limit}{' (general)' if limits.is_general(limit) else ''}" in page for *_, limit in expected)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_verify_tells_what_is_particular(path: Path) -> None:
    said = showcase("verify", str(path)).stdout
    for verdict in claims.judge(runlog.read(path)):
        assert all(limit in said for limit in limits.told(verdict))
    spots = [limit for verdict in claims.judge(runlog.read(path)) for limit in limits.told(verdict)]
    assert said.count("does not see") == sum("does not see" in limit for limit in set(spots)), (
        "the general ones are not"
    )


def test_a_log_that_says_something_else_is_told_whole(log: Run) -> None:
    """Nobody hides a limit by wording it like one that is always so."""
    seal = next(each for each in log.witnesses if each.name in {"seal", "hook"})
    odd = f"{seal.unseen[0]}, and the disk"
    witnesses = tuple(replace(each, unseen=(odd,)) if each is seal else each for each in log.witnesses)
    assert any(odd in line for line in limit_lines(claims.judge(replace(log, witnesses=witnesses))))


def test_no_limit_is_worded_outside_of_the_table() -> None:
    """What is said where a verdict is made has said nothing of whether it is always so."""
    for path in Path(limits.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "limits" and path.name != "reading.py":
                worded = [each for each in ast.walk(node.value) if isinstance(each, (ast.JoinedStr, ast.Constant))]
                assert not [each for each in worded if not isinstance(getattr(each, "value", ""), int)], path.name


def test_the_table_is_frozen_and_says_each_sentence_once() -> None:
    sentences = [each.sentence for each in limits.GENERAL]
    assert len(set(sentences)) == len(sentences)
    assert all(each.claims and each.levels for each in limits.GENERAL)
    assert {name for each in limits.GENERAL for name in each.claims} == {claim.id for claim in claims.CLAIMS}
    assert {level for each in limits.GENERAL for level in each.levels} == set(LEVELS)
    for sentence in sentences:
        assert not any(each.says(sentence) for each in limits.PARTICULAR if each is not limits.OTHER_SPOT)
    with pytest.raises(AttributeError):
        limits.FILES.text = ""  # type: ignore[misc]
    assert isinstance(limits.GENERAL, tuple)
    assert all(isinstance(each, General) for each in limits.GENERAL)
    assert all(isinstance(each, Particular) for each in limits.PARTICULAR)


@pytest.mark.parametrize("arguments", [("nothing.json",), ("nothing.json", "--json")])
def test_no_log_is_said(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = showcase("limits", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
