"""`lab end` leaves certificates and nothing else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from program import Finished, showcase

if TYPE_CHECKING:
    from pathlib import Path

LABS = "showcase-labs"


@pytest.fixture
def place(finished: Finished, own: Path, tmp_path: Path) -> Path:
    """A participant's directory with the store of a run in it, and one that a reset put aside."""
    place = tmp_path / "anna"
    place.mkdir()
    done = showcase("lab", "start", "1", "--predict", "one", cwd=place, SHOWCASE_LABS=str(own))
    assert done.returncode == 0, done.stderr
    shutil.copytree(finished.out, place / LABS / "earlier" / "lab-01" / "run")
    return place


def test_every_user_of_every_store_is_forgotten_with_a_certificate(place: Path, finished: Finished) -> None:
    done = showcase("lab", "end", "--yes", cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 users of 1 store: nothing is left, with a certificate." in done.stdout
    assert not (place / LABS).exists()
    certificates = sorted((place / f"{LABS}-certificates").iterdir())
    assert len(certificates) == 2
    for certificate in certificates:
        judged = showcase("verify", str(certificate), "--json")
        assert judged.returncode == 0, judged.stdout
    left = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    for row in finished.log.sessions[0].planted:
        assert row.text.encode() not in left


def test_nothing_goes_where_nobody_agrees_or_certificates_would_be_written_over(place: Path) -> None:
    def there() -> set[Path]:
        return {path for path in (place / LABS).rglob("*") if not path.name.endswith(".lock")}

    before = there()
    refused = showcase("lab", "end", cwd=place)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    (place / f"{LABS}-certificates").mkdir()
    refused = showcase("lab", "end", "--yes", cwd=place)
    assert refused.returncode == 2
    assert "is there already, and nothing is written over" in refused.stderr
    assert there() == before


def test_certificates_are_not_erased_with_what_they_are_about(place: Path) -> None:
    inside = place / LABS / "earlier" / "certificates"
    done = showcase("lab", "end", "--yes", "--certificates", str(inside), cwd=place)
    assert done.returncode == 2
    assert "would be erased with it" in done.stderr
    assert list((place / LABS).rglob("chroma.sqlite3"))


def test_the_directory_may_be_named_by_a_dot(place: Path) -> None:
    done = showcase("lab", "end", "--yes", "--dir", ".", cwd=place / LABS)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in place.iterdir()) == [f"{LABS}-certificates"]


def test_a_store_that_cannot_be_forgotten_is_told_and_written_over(place: Path) -> None:
    (database,) = (place / LABS).rglob("chroma.sqlite3")
    database.write_bytes(database.read_bytes()[:8192])
    done = showcase("lab", "end", "--yes", cwd=place)
    assert done.returncode == 3
    assert "it could not be read, so that there is no certificate" in " ".join(done.stdout.split())
    assert "nothing is left, with a certificate" not in done.stdout
    assert not (place / LABS).exists()


def test_where_there_is_no_notebook_nothing_is_erased(tmp_path: Path) -> None:
    (tmp_path / LABS).mkdir()
    (tmp_path / LABS / "thesis.txt").write_text("mine")
    done = showcase("lab", "end", "--yes", cwd=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / LABS / "thesis.txt").read_text() == "mine"


def test_a_notebook_among_the_files_of_a_person_erases_none_of_them(place: Path) -> None:
    (place / LABS / "Documents").mkdir()
    (place / LABS / "Documents" / "thesis.txt").write_text("mine")
    done = showcase("lab", "end", "--yes", cwd=place)
    assert done.returncode == 2
    assert "holds what no lab put there, and nothing is erased" in done.stderr
    assert (place / LABS / "Documents" / "thesis.txt").read_text() == "mine"
    assert list((place / LABS).rglob("chroma.sqlite3"))


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_directory_that_is_a_link_is_not_emptied(place: Path) -> None:
    (place / LABS).rename(place / "elsewhere")
    (place / LABS).symlink_to("elsewhere")
    done = showcase("lab", "end", "--yes", cwd=place)
    assert done.returncode == 2
    assert "is a link" in done.stderr
    assert (place / "elsewhere" / "notebook.json").is_file()


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_store_that_is_linked_to_from_the_labs_loses_nothing(place: Path, finished: Finished) -> None:
    theirs = place / "theirs"
    shutil.copytree(finished.out, theirs)
    before = {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()}
    (database,) = theirs.rglob("chroma.sqlite3")
    for name, link in (("lab-02", os.symlink), ("lab-03", os.link)):
        planted = place / LABS / name / "mem0_chroma"
        planted.mkdir(parents=True)
        link(database, planted / "chroma.sqlite3")
    (place / LABS / "lab-04").symlink_to(theirs)
    done = showcase("lab", "end", "--yes", cwd=place)
    said = " ".join(done.stdout.split())
    assert {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()} == before
    assert not (place / LABS).exists()
    assert done.returncode == 3
    assert said.count("it has files of elsewhere") == 2
    assert "1 file had another name elsewhere" in said
    assert "2 of 2 users of 1 store: nothing is left" in said
