"""The certificate of an erasure: no word and no name in it, judged again by whoever reads it, in one chain."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from erased import KEY, erased
from kept_stores import made, row

from showcase import cli
from showcase.erasure import certificate
from showcase.errors import RunLogError
from showcase.memory import history

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace

SECRET = row("my locker code is obsidian-4711 at the vestibule", "alice")
SECOND = row("the second one speaks of marrowfat", "alice")
SCHEMA_FILE = Path(certificate.__file__).with_name("erasure-certificate.schema.json")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[StorePlace, list[Path]]:
    """A store in which three things were forgotten, one after the other."""
    third = row("the third one speaks of cardamom", "alice")
    place = made(tmp_path_factory.mktemp("c") / "s", "shared", [SECRET, SECOND, third, row("I drink tea", "bob")])
    event = history.HistoryEvent(id="e", memory_id=SECRET.memory_id, new_memory=SECRET.text, event="ADD")
    history.keep(place, [event])
    paths = []
    for each in (SECRET, SECOND, third):
        done, finding = erased(place, [each.memory_id])
        assert finding.status == "upheld", finding.reason
        paths.append(certificate.issue(place, done, finding))
    return place, paths


@pytest.fixture
def chain(made_once: tuple[StorePlace, list[Path]], tmp_path: Path) -> list[Path]:
    """Copies of the certificates, to be tampered with."""
    copies = [tmp_path / each.name for each in made_once[1]]
    for old, new in zip(made_once[1], copies, strict=True):
        new.write_bytes(old.read_bytes())
    return copies


def verify(capsys: pytest.CaptureFixture[str], path: Path) -> tuple[int, str]:
    capsys.readouterr()
    status = cli._run(["verify", str(path)], verbose=False)
    said = capsys.readouterr()
    return status, said.out + said.err


def test_the_shipped_schema_is_the_model_s() -> None:
    """To renew it: python -c "import json; from showcase.erasure import certificate; print(json.dumps(…))"."""
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == certificate.json_schema()


def test_the_schema_accepts_a_real_one_and_refuses_a_damaged_one(chain: list[Path]) -> None:
    document = json.loads(chain[0].read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(certificate.json_schema())
    validator.validate(document)
    document["erasure"]["removed"] = "one"
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


def test_no_word_of_it_no_id_and_no_name_is_in_it(made_once: tuple[StorePlace, list[Path]]) -> None:
    for path in made_once[1]:
        data = path.read_bytes().lower()
        for word in (b"obsidian", b"4711", b"vestibule", b"locker", b"marrowfat", b"alice", b"bob", b"tea"):
            if word == b"tea":
                continue  # of what stays, and in words of ours, such as "instead"
            assert word not in data, word
        for each in (SECRET, SECOND):
            assert each.memory_id.encode() not in data
            for digest in ("md5", "sha1", "sha256"):
                for held in (each.text, each.memory_id, "alice"):
                    assert hashlib.new(digest, held.encode()).hexdigest().encode() not in data


def test_its_pseudonym_is_guessed_from_no_list_of_names(made_once: tuple[StorePlace, list[Path]]) -> None:
    subject = json.loads(made_once[1][0].read_text())["erasure"]["subject"]
    names = ["alice", "Alice", "bob", "carol", "admin", "user", "default"]
    held = [name.encode() for name in names] + [SECRET.memory_id.encode(), SECRET.text.encode()]
    keys = [b"", b"showcase", b"key", *held]
    guesses = {
        guess
        for parts in itertools.chain(((each,) for each in held), itertools.product(held, held))
        for message in (
            b"".join(parts),
            b"\0".join(parts),
            b"".join(len(each).to_bytes(8, "big") + each for each in parts),
        )
        for guess in (
            *(hashlib.new(digest, message).hexdigest() for digest in ("md5", "sha1", "sha256")),
            *(hmac.new(key, message, hashlib.sha256).hexdigest() for key in keys),
        )
    }
    assert subject not in guesses
    whole = b"".join(len(each).to_bytes(8, "big") + each for each in (b"alice", SECRET.memory_id.encode()))
    assert subject == hmac.new(KEY, whole, hashlib.sha256).hexdigest(), "who has the key can tell"


def test_a_real_one_is_verified(chain: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    for path in chain:
        status, said = verify(capsys, path)
        assert status == 0, said
        assert "own verdict is the same" in said


def _set(document: Any, *path: Any, to: Any) -> None:
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = to


TAMPERED = {
    "finding upheld of a broken one": lambda d: _set(d, "erasure", "rows_by_id_after", to=1),
    "a residue put in": lambda d: d["erasure"]["verified"]["residues"].append(
        {"path": "x", "kind": "other file", "view": "byte by byte", "form": "UTF-8", "count": 1}),
    "no other process": lambda d: _set(d, "erasure", "verified", to=None),
    "another reason": lambda d: _set(d, "finding", "reason", to="all is well"),
    "another status": lambda d: _set(d, "finding", "status", to="broken"),
    "fewer limits": lambda d: _set(d, "finding", "limits", to=[]),
    "a limit not covered any more": lambda d: _set(d, "erasure", "not_covered", to=[]),
    "no canaries": lambda d: _set(d, "erasure", "after", "canaries", to=[]),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_one_that_was_tampered_with_is_not_upheld(
    chain: list[Path], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    document = json.loads(chain[0].read_text())
    TAMPERED[name](document)
    chain[0].write_text(json.dumps(document))
    status, said = verify(capsys, chain[0])
    assert status == 1, said
    assert "the certificate says" in said


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b'{"schema": "showcase/erasure-certificate", "version": 2}', b'{"schema": 1, "schema": 2}']
)
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(RunLogError):
        certificate.load(data, source="something")


@pytest.mark.parametrize("kind", ["removed", "changed", "reordered", "first changed", "renumbered"])
def test_a_broken_chain_is_told(chain: list[Path], capsys: pytest.CaptureFixture[str], kind: str) -> None:
    first, second, third = chain
    if kind == "removed":
        second.unlink()
    elif kind == "changed":
        second.write_bytes(second.read_bytes().replace(b"\n", b"\n "))
    elif kind == "first changed":
        first.write_bytes(first.read_bytes() + b" ")
    elif kind == "reordered":
        held = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(held)
    else:
        third.rename(third.with_name("erasure-0007.json"))
        third = third.with_name("erasure-0007.json")
    status, said = verify(capsys, third)
    assert status == 1, said
    assert "erasure-000" in said
    assert certificate.broken_chain(third) is not None


def test_one_that_is_beside_no_others_is_judged_by_itself(chain: list[Path], tmp_path: Path, capsys: Any) -> None:
    alone = tmp_path / "elsewhere.json"
    alone.write_bytes(chain[1].read_bytes())
    status, said = verify(capsys, alone)
    assert status == 0, said
