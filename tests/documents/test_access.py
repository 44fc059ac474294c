"""Who can read the output directory is told from its mode, or from the access list that Windows has instead."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase.doctor.finding import Circumstances
from showcase.doctor.machine import access as looked_at
from showcase.evidence import Storage
from showcase.orchestrator.output_directory import access
from showcase.orchestrator.output_directory.access import Readers, of_access_list, of_mode
from showcase.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

ANN = "S-1-5-21-1-2-3-1001"
BEN = "S-1-5-21-1-2-3-1002"


@pytest.mark.parametrize(
    ("descriptor", "others"),
    [
        (f"O:{ANN}D:P(A;OICI;FA;;;{ANN})(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", ()),
        ("O:BAD:PAI(A;OICIIO;FA;;;CO)(A;OICI;0x1f01ff;;;OW)(A;;FA;;;S-1-5-32-544)", ()),
        (f"O:{ANN}D:AI(A;OICIID;FA;;;{ANN})(A;OICIID;0x1200a9;;;BU)", ("every user of this machine",)),
        (f"O:{ANN}D:(A;OICI;FR;;;WD)", ("everyone",)),
        (f"O:{ANN}D:(A;OICI;FA;;;{BEN})(A;OICI;GR;;;AU)", (BEN, "every user who is logged in")),
        (f"O:{ANN}D:(A;OICI;CCDCLCSW;;;BG)", ("guests",)),
        (f"O:{ANN}D:(A;OICI;0x100116;;;WD)", ()),  # who may write, and not read
        (f"O:{ANN}D:(A;OICI;SD;;;WD)(A;OICI;FX;;;BU)", ()),
        (f"O:{ANN}D:(D;OICI;FR;;;BU)(A;OICI;FA;;;BU)", ()),
        (f"O:{ANN}D:(A;OICI;FA;;;BU)(D;OICI;FR;;;BU)", ("every user of this machine",)),
        (f"O:{ANN}D:(D;;FA;;;WD)(A;;FA;;;BU)", ()),
        (f"O:{ANN}D:P(A;OICI;FA;;;{ANN})S:(AU;SAFA;FR;;;WD)", ()),  # what is written down is not allowed
        (f'O:{ANN}D:(XA;;FR;;;WD;(@User.dept=="x"))', ("everyone",)),
        (f"O:{ANN}D:NO_ACCESS_CONTROL", ("everyone: it has no access list",)),
        (f"O:{ANN}", ("everyone: it has no access list",)),
        (f"O:{ANN}D:P", ()),  # a list with nobody in it
    ],
)
def test_of_an_access_list(descriptor: str, others: tuple[str, ...]) -> None:
    assert of_access_list(descriptor).others == others


def test_of_a_mode() -> None:
    assert of_mode(0o40700).told() == ""
    assert of_mode(0o40750).told() == "it can be read by its group (mode 750)"
    assert of_mode(0o40777).others == ("its group (mode 777)", "every user of this machine (mode 777)")


def found(out: Path) -> tuple[str, str, str]:
    (one,) = looked_at(Circumstances(settings=replace(Settings(), out=out), environ={}))
    return one.level, one.message, one.fix


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_doctor_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path)[0] == "ok"
    (tmp_path / "mem0_chroma").mkdir()
    tmp_path.chmod(0o755)
    level, message, fix = found(tmp_path)
    assert (level, fix) == ("warning", f"chmod -R go-rwx {tmp_path}")
    assert "every user of this machine (mode 755)" in message
    tmp_path.chmod(0o700)
    assert found(tmp_path)[0] == "ok"
    monkeypatch.setattr(access, "of_mode", lambda _: Readers(unknown="no such call"))
    level, message, fix = found(tmp_path)
    assert (level, fix) == ("warning", f"ls -ld {tmp_path}")
    assert "not possible to see who can read it (no such call)" in message


def test_a_run_says_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = Storage(file_system="ext4", carried_by=None)
    tmp_path.chmod(0o700)
    assert list(access.remarks(tmp_path, there)) == []
    monkeypatch.setattr(access, "of_mode", lambda _: Readers(others=("everyone",)))
    (said,) = access.remarks(tmp_path, there)
    assert "will hold memories, and it can be read by everyone; see how" in said
    said, _ = access.remarks(tmp_path, Storage(file_system="nfs", carried_by="a network file system (nfs)"))
    assert "a network file system (nfs); memories would leave" in said


@pytest.mark.skipif(sys.platform == "win32", reason="asks for what Windows has and this system has not")
def test_a_list_that_cannot_be_asked_for_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert access.readers(tmp_path).unknown
