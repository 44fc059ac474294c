"""The doctor says of the store of every day, and of where a run writes, whether it is encrypted at rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from looked_at import doctor

from showcase.doctor import encryption
from showcase.doctor.finding import Circumstances
from showcase.documents.encryption import answer
from showcase.documents.encryption.look import encryption_of
from showcase.settings import Settings
from showcase.stores.at_rest import SENTENCES, at_rest


def told(monkeypatch: pytest.MonkeyPatch, found: answer.Encryption, path: Path) -> tuple[str, str, str]:
    monkeypatch.setattr(encryption, "encryption_of", lambda _: found)
    circumstances = Circumstances(settings=Settings(out=path / "out"), environ={"SHOWCASE_STORE": str(path / "store")})
    (finding,) = encryption.at_rest(circumstances)
    return finding.level, finding.message, finding.fix


def test_the_command_tells_of_both_as_the_machine_is(tmp_path: Path) -> None:
    status, found = doctor("--out", str(tmp_path / "out"), cwd=tmp_path, SHOWCASE_STORE=str(tmp_path / "kept"))
    here = encryption_of(tmp_path.resolve())
    (finding,) = found["encryption"]
    assert status == 0 or any(each["level"] == "problem" for each in found["chroma"])
    assert f"{tmp_path / 'out'}, where a run writes; {tmp_path / 'kept'}, the store of every day" in finding["message"]
    assert here.told() in finding["message"]
    assert (finding["level"] == "ok") == (here.state in ("encrypted", "in memory"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_encrypted_is_well_and_what_is_not_comes_with_a_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    level, message, _ = told(monkeypatch, answer.encrypted("dm-crypt (LUKS2) (dm-0)", "sysfs"), tmp_path)
    assert (level, "encrypted by dm-crypt (LUKS2) (dm-0)" in message) == ("ok", True)
    level, message, fix = told(monkeypatch, answer.clear("nothing of this system encrypts sda", "sysfs"), tmp_path)
    assert (level, answer.BELOW in message) == ("warning", True)
    assert "encrypt" in fix
    level, message, fix = told(monkeypatch, answer.unknown("nfs4 keeps it on a server", "ask on the server"), tmp_path)
    assert (level, "not known to be encrypted: nfs4" in message) == ("warning", True)
    assert "ask on the server" in fix


@pytest.mark.parametrize(
    ("system", "command"), [("linux", "gocryptfs -init"), ("darwin", "fdesetup enable"), ("win32", "system's own")]
)
def test_each_system_has_its_way(tmp_path: Path, system: str, command: str) -> None:
    assert command in encryption.way_to_encrypt(tmp_path / "store", system)


@pytest.mark.parametrize("kind", ["chroma", "postgresql", "qdrant", "redis"])
def test_of_a_store_on_a_server_its_engine_is_told_and_no_directory_is_looked_at(tmp_path: Path, kind: str) -> None:
    environ = {"SHOWCASE_STORE": f"{kind}://db.example:1"}
    findings = list(encryption.at_rest(Circumstances(settings=Settings(out=tmp_path), environ=environ)))
    assert at_rest(kind) in findings[0].message
    assert not any("db.example" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [("qdrant:/data/q", "qdrant", "/data/q"), ("/data/q", "directory", "/data/q"), ("a:b", "directory", "a:b")],
)
def test_a_store_of_another_engine_in_a_directory_is_looked_at(text: str, kind: str, path: str) -> None:
    assert encryption.store_of_every_day({"SHOWCASE_STORE": text}) == (kind, Path(path))


def test_what_is_no_store_is_told_and_nothing_is_said_of_its_encryption(tmp_path: Path) -> None:
    environ = {"SHOWCASE_STORE": "mysql://db.example/memories"}
    findings = list(encryption.at_rest(Circumstances(settings=Settings(out=tmp_path), environ=environ)))
    assert findings[0].level == "warning"
    assert "names no store" in findings[0].message
    assert not any("of every day" in finding.message for finding in findings)


def test_every_engine_has_a_sentence_and_a_stranger_is_not_guessed_at() -> None:
    assert all(at_rest(kind).endswith(".") and "encrypt" in at_rest(kind) for kind in SENTENCES)
    assert "not looked up" in at_rest("weaviate")
