"""Every reason that a verdict of an erasure can have, and every lie about one that was upheld."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from erased import erased
from kept_stores import made, row

from showcase.erasure.verdict import judge
from showcase.evidence.erasure import Canary, Erasure, NotCovered, Residue, Scan
from showcase.memory import history

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = row("my locker code is obsidian-4711")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Erasure:
    """A real one that is upheld."""
    place = made(tmp_path_factory.mktemp("good") / "s", "shared", [SECRET, row("I drink tea", "bob")])
    event = history.HistoryEvent(id="e", memory_id=SECRET.memory_id, new_memory=SECRET.text, event="ADD")
    history.keep(place, [event])
    done, finding = erased(place, [SECRET.memory_id])
    assert finding.status == "upheld", finding.reason
    return done


def scan(which: str, **changes: Any) -> Any:
    return lambda good: replace(good, **{which: replace(getattr(good, which), **changes)})


def of_scan(which: str, name: str, change: Callable[[Any], Any]) -> Any:
    return lambda good: replace(
        good, **{which: replace(getattr(good, which), **{name: change(getattr(getattr(good, which), name))})}
    )


def bystanders(**changes: Any) -> Any:
    return lambda good: replace(good, bystanders=replace(good.bystanders, **changes))


def first(changes: dict[str, Any], kind: str = "Chroma's database") -> Callable[[Any], Any]:
    return lambda some: tuple(replace(each, **changes) if each.kind == kind else each for each in some)


RESIDUE = Residue(path="x", kind="other file", view="byte by byte", form="UTF-8", count=1)
BROKEN = {
    "verified residue": (scan("verified", residues=(RESIDUE,)), "another process found"),
    "a word of the store": (
        scan("verified", residues=(replace(RESIDUE, kind="Chroma's database", form="word"),)), "another process found"),
    "after residue": (scan("after", residues=(RESIDUE,)), "the same process found"),
    "rows by id": (lambda good: replace(good, rows_by_id_after=1), "still returned by their ids"),
    "not removed": (lambda good: replace(good, removed=0), "were not removed"),
    "fewer bystanders": (bystanders(rows_after=0), "rows of others changed"),
    "other bystanders": (bystanders(after="0" * 64), "rows of others changed"),
    "another history": (bystanders(history_after="0" * 64), "history of memories that stay changed"),
    "a hard link": (
        lambda good: replace(good, not_covered=(NotCovered(what="w", found_out="f", known_to_stay=True,
                                                            of_the_store=True),)), "known to stay"),
}  # fmt: skip

SCANS = ("before", "after", "verified")
UNKNOWN = {
    **{f"no scan {each}": (lambda good, each=each: replace(good, **{each: None}), "nobody looked") for each in SCANS},
    **{f"no canaries {each}": (scan(each, canaries=()), "nothing was planted") for each in SCANS},
    **{
        f"a canary of {each} that was not found": (
            of_scan(each, "canaries", lambda some: (*some[:-1], replace(some[-1], found=False))),
            "did not find what was planted",
        )
        for each in SCANS
    },
    **{f"unplanted {each}": (scan(each, unplanted_found=1), "what nobody planted") for each in SCANS},
    **{
        f"a kind without control {each}": (
            of_scan(each, "canaries", lambda some: tuple(one for one in some if one.kind != "index of vectors")),
            "no control of",
        )
        for each in SCANS
    },
    **{
        f"a view without control {each}": (
            of_scan(each, "canaries", lambda some: tuple(one for one in some if one.kind != "ends of pages")),
            "seen by this alone",
        )
        for each in SCANS
    },
    "the same process": (
        lambda good: replace(good, verified=replace(good.verified, pid=good.after.pid,
                                                    create_time=good.after.create_time)), "of the same one"),
    "the same pid, another time": (
        lambda good: replace(good, verified=replace(good.verified, pid=good.after.pid, create_time=None)),
        "did not confirm"),
    "no time of it": (scan("verified", create_time=None), "did not confirm"),
    "no time of the first": (
        lambda good: replace(good, verified=replace(good.verified, pid=good.after.pid),
                             after=replace(good.after, create_time=None)), "of the same one"),
    "fewer patterns verified": (of_scan("verified", "patterns", lambda some: {**some, "UTF-8": 0}), "the same"),
    "fewer patterns after": (of_scan("after", "patterns", lambda some: {"id": some["id"]}), "the same"),
    "a file half read": (of_scan("verified", "files", first({"read_bytes": 3})), "not read whole"),
    "a file half read after": (of_scan("after", "files", first({"read_bytes": 3})), "not read whole"),
    "a view unread": (of_scan("verified", "files", first({"unread": ("values: x",)})), "in every way"),
    "no views of the database": (of_scan("verified", "files", first({"views": ()})), "not read in every way"),
    "no database": (
        lambda good: replace(good, **{each: replace(getattr(good, each), files=tuple(
            one for one in getattr(good, each).files if one.kind != "Chroma's database")) for each in SCANS}),
        "no database"),
    "no files": (
        lambda good: replace(good, **{each: replace(getattr(good, each), files=()) for each in SCANS}), "no database"),
    "missed": (scan("verified", missed=("x is a link",)), "not everything"),
    "missed after": (scan("after", missed=("x is a link",)), "not everything"),
    "nothing known": (
        lambda good: replace(good, **{each: replace(getattr(good, each), patterns={}) for each in SCANS}),
        "nothing is known"),
    "nothing seen before": (scan("before", residues=()), "did not find in the store what was there"),
    "no vector seen before": (
        of_scan("before", "residues", lambda some: tuple(one for one in some if one.form != "float32 LE")),
        "the vectors that were there"),
    "nobody read the others": (bystanders(after=None, rows_after=None), "as it was"),
    "nobody asked by id": (lambda good: replace(good, rows_by_id_after=None), "as it was"),
    "nobody read the history": (bystanders(history_after=None), "as it was"),
    "written between": (of_scan("verified", "files", first({"sha256": "0" * 64})), "between the two scans"),
    "written after": (lambda good: replace(good, unchanged_since=False), "after the last scan"),
    "nobody knows": (lambda good: replace(good, unchanged_since=None), "after the last scan"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_was_seen_breaks_it(good: Erasure, name: str) -> None:
    change, said = BROKEN[name]
    finding = judge(change(good))
    assert finding.status == "broken", finding.reason
    assert said in finding.reason


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_was_not_seen_upholds_nothing(good: Erasure, name: str) -> None:
    change, said = UNKNOWN[name]
    finding = judge(change(good))
    assert finding.status == "inconclusive", finding.reason
    assert said in finding.reason


@pytest.mark.parametrize("which", SCANS)
def test_no_canary_can_be_taken_away_or_fail(good: Erasure, which: str) -> None:
    some = getattr(good, which).canaries
    for number, changed in (
        (at, changed)
        for at in range(len(some))
        for changed in ((*some[:at], *some[at + 1 :]), (*some[:at], replace(some[at], found=False), *some[at + 1 :]))
    ):
        weaker = replace(good, **{which: replace(getattr(good, which), canaries=changed)})
        of_a_pack = some[number].kind.endswith(" file") and some[number].kind not in {
            one.kind for one in weaker.after.files
        }
        if len(changed) < len(some) and of_a_pack:
            continue  # a control of packed files counts where there is one
        assert judge(weaker).status != "upheld", some[number]


def test_kinds_that_hold_it_on_purpose_are_left_out_and_no_other(good: Erasure) -> None:
    of_a_log = replace(RESIDUE, kind="log of a run")
    held = scan("verified", residues=(of_a_log,))(good)
    assert judge(held).status == "broken"
    assert judge(held, but_for=["log of a run"]).status == "upheld"
    assert judge(scan("verified", residues=(of_a_log, RESIDUE))(good), but_for=["log of a run"]).status == "broken"


def test_each_look_is_told(good: Erasure) -> None:
    assert isinstance(good.before, Scan)
    assert all(isinstance(each, Canary) for each in good.before.canaries)
    assert len(judge(good).limits) >= 8


@pytest.mark.parametrize("which", ["after", "verified"])
def test_a_lock_that_goes_with_its_holder_is_no_difference(good: Erasure, which: str) -> None:
    """As on Windows."""
    files = getattr(good, which).files
    left = tuple(each for each in files if each.kind != "lock")
    assert len(left) < len(files), "else this shows nothing"
    assert judge(replace(good, **{which: replace(getattr(good, which), files=left)})).status == "upheld"
