"""`lab end` leaves certificates and nothing else."""

from __future__ import annotations

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
