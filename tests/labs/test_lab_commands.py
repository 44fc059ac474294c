"""`showcase lab` as a participant types it, on the small lab of the documentation."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from program import showcase

from showcase.labs import notebook

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

MENDED = "import sys\n\nprint(len(set(sys.argv[1:])))\n"


class Participant:
    """Somebody in a directory of their own, with a teacher's labs."""

    def __init__(self, place: Path, own: Path) -> None:
        self.place = place
        self.own = own
        self.labs = place / "showcase-labs"
        self.program = self.labs / "lab-01" / "count.py"

    def lab(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return showcase("lab", *arguments, cwd=self.place, SHOWCASE_LABS=str(self.own), **variables)

    def started(self, prediction: str = "two") -> None:
        done = self.lab("start", "1", "--predict", prediction)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def anna(own: Path, tmp_path: Path) -> Participant:
    place = tmp_path / "anna"
    place.mkdir()
    return Participant(place, own)


def test_nothing_is_told_to_do_before_a_prediction(anna: Participant) -> None:
    done = anna.lab("start", "1")
    assert done.returncode == 2
    assert "How many users?" in done.stdout
    assert "  1 2, the users" in done.stdout
    assert "Do (" not in done.stdout
    assert "--predict one" in done.stderr
    assert not anna.program.exists()
    assert anna.lab("start", "1", "--predict", "three").returncode == 2
    done = anna.lab("start", "1", "--predict", "2")
    assert done.returncode == 0
    assert "Do (" in done.stdout
    assert "count.py alice bob alice" in done.stdout
    assert anna.program.exists()


def test_a_prediction_stands_and_is_set_beside_what_happened(anna: Participant) -> None:
    anna.started("one")
    again = anna.lab("start", "1", "--predict", "two")
    assert again.returncode == 2
    assert "showcase lab reset 1" in again.stderr
    assert "You predicted: 2, the users" in anna.lab("start", "1").stdout
    anna.program.write_text(MENDED)
    done = anna.lab("verify")
    assert done.returncode == 0
    assert "You predicted:  2, the users" in done.stdout
    assert "What happened:  It counted rows" in done.stdout
    (lab,) = json.loads(anna.lab("verify", "--json").stdout)["labs"]
    assert (lab["status"], lab["predicted"]) == ("verified", False)


def test_verify_tells_nothing_there_from_something_else_there(anna: Participant) -> None:
    anna.started()
    done = anna.lab("verify")
    assert done.returncode == 1
    assert "✗ it counts two users" in done.stdout
    assert "it printed '3'" in done.stdout
    anna.program.unlink()
    done = anna.lab("verify")
    assert done.returncode == 3
    assert "? it counts two users" in done.stdout
    assert "there is no count.py" in done.stdout


def test_a_program_that_hangs_or_prints_anything_is_looked_at_all_the_same(anna: Participant) -> None:
    anna.started()
    anna.program.write_text("import sys\nsys.stdout.buffer.write(bytes(range(256)))\nprint('\\x1b[31m')\n")
    done = anna.lab("verify")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout


def test_hints_come_one_by_one_and_are_counted(anna: Participant) -> None:
    anna.started()
    first, second, third = (anna.lab("hint").stdout for _ in range(3))
    assert "set()" not in first
    assert "set()" in second
    assert second == third
    assert "lab solution" in second
    assert json.loads(anna.lab("verify", "--json").stdout)["labs"][0]["hints"] == 2


def test_a_solution_is_shown_played_and_noted(anna: Participant) -> None:
    anna.started()
    anna.program.write_text("print('mine')\n")
    done = anna.lab("solution")
    assert done.returncode == 0
    assert "print(len(set(sys.argv[1:])))" in done.stdout
    assert anna.program.read_text() == "print('mine')\n", "shown is not done"
    refused = anna.lab("solution", "--play")
    assert refused.returncode == 2
    assert "--play --yes" in refused.stderr
    done = anna.lab("solution", "--play", "--yes")
    assert done.returncode == 0, done.stderr
    assert anna.program.read_text() == MENDED
    (aside,) = (anna.labs / "earlier").iterdir()
    assert (aside / "count.py").read_text() == "print('mine')\n"
    assert json.loads(anna.lab("verify", "--json").stdout)["labs"][0]["solution_seen"] is True


def test_reset_is_as_new_and_keeps_what_there_was(anna: Participant) -> None:
    anna.started()
    given = anna.program.read_text()
    anna.program.write_text(MENDED)
    assert anna.lab("reset").returncode == 2, "nobody can be asked"
    assert anna.program.read_text() == MENDED
    assert anna.lab("reset", "--yes").returncode == 0
    assert anna.lab("verify", "1").returncode == 2
    anna.started("one")
    assert anna.program.read_text() == given
    (aside,) = (anna.labs / "earlier").iterdir()
    assert (aside / "count.py").read_text() == MENDED


def test_who_comes_late_has_the_labs_before_played(anna: Participant) -> None:
    second = anna.own / "second"
    shutil.copytree(anna.own / "counting", second)
    (second / "lab.toml").write_text((second / "lab.toml").read_text().replace("number = 1", "number = 2"))
    done = anna.lab("start", "2", "--catch-up", "--predict", "one")
    assert done.returncode == 0, done.stderr
    first, started = json.loads(anna.lab("list", "--json").stdout)["labs"]
    assert (first["status"], first["solution_seen"]) == ("verified", True)
    assert (started["status"], started["solution_seen"]) == ("started", False)


def test_texts_are_of_the_language_that_was_asked_for_and_english_where_there_is_none(anna: Participant) -> None:
    text = (anna.own / "counting" / "text.en.toml").read_text()
    german = text.replace("How many users?", "Wie viele Nutzer?")
    (anna.own / "counting" / "text.de.toml").write_text(german, encoding="utf-8")
    done = anna.lab("start", "1", "--language", "de", "--predict", "one")
    assert "Wie viele Nutzer?" in done.stdout
    assert "Wie viele Nutzer?" in anna.lab("list").stdout, "it is remembered"
    refused = anna.lab("start", "1", "--language", "fr")
    assert refused.returncode == 2
    assert "there are de, en" in refused.stderr


def test_a_directory_of_somebody_s_own_is_left_alone(anna: Participant) -> None:
    anna.labs.mkdir()
    (anna.labs / "thesis.txt").write_text("mine")
    for command in (("start", "1", "--predict", "one"), ("list",), ("verify",), ("reset", "--yes")):
        done = anna.lab(*command)
        assert done.returncode == 2, command
        assert "it is not the directory of a participant" in done.stderr
    assert [path.name for path in anna.labs.iterdir()] == ["thesis.txt"]


def test_a_damaged_notebook_is_named_and_nothing_is_lost(anna: Participant) -> None:
    anna.started()
    path = anna.labs / notebook.FILE
    path.write_text(path.read_text()[:-20])
    done = anna.lab("verify")
    assert done.returncode == 4
    assert "notebook.json cannot be read" in done.stderr
    assert "mv " in done.stderr
    assert anna.program.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("start", "7"), "there is no lab 7; there are 1 to 1"),
        (("verify",), "no lab was started in"),
        (("hint", "1"), "no lab was started in"),
        (("strat",), "Did you mean 'start'?"),
        (("verify", "--all", "1"), "no lab was started in"),
        (("check-in", "--name", ""), "a name has 1 to 60 characters"),
    ],
)
def test_what_cannot_be_done_says_what_can(anna: Participant, typed: tuple[str, ...], words: str) -> None:
    done = anna.lab(*typed)
    assert done.returncode == 2
    assert words in done.stderr
    assert "fix:" in done.stderr
    assert not anna.labs.exists() or not any(anna.labs.iterdir())


def test_a_finding_that_is_not_asked_for_is_refused(anna: Participant) -> None:
    anna.started()
    done = anna.lab("verify", "--finding", "package=posthog")
    assert done.returncode == 2
    assert "asks for no finding 'package'" in done.stderr


def test_a_check_in_is_one_line_from_a_run(anna: Participant) -> None:
    done = anna.lab("check-in", "--name", "Anna", OLLAMA_HOST="127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("Anna: showcase ")
    assert "rehearsal engine" in done.stdout
    assert "7 of 7 claims upheld in " in done.stdout
    record = json.loads(anna.lab("start", "1", "--predict", "one").stdout and anna.lab("verify", "--json").stdout)
    assert record["name"] == "Anna"
    assert record["checked_in"] == done.stdout.strip()
