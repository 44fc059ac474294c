"""The glossary has every word, is printed offline, and README explains or links each where it first stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import showcase

from showcase.cli.glossary import entries
from showcase.evidence import LEVELS

ROOT = Path(__file__).resolve().parents[2]
WORDS = (
    "upheld", "broken", "inconclusive", "level", *LEVELS, "witness", "seal", "door", "bridge", "sink", "rung",
    "control", "planted leak", "claim", "run log", "policy", "plan", "drill", "session", "phase", "scenario", "store",
    "rehearsal engine", "log of operations",
)  # fmt: skip


def test_every_word_has_an_entry() -> None:
    assert set(entries()) == set(WORDS)
    assert all(len(text) > 40 for text in entries().values())


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_printed(word: str) -> None:
    done = showcase("glossary", *word.split())
    assert done.returncode == 0
    assert done.stdout.startswith(f"{word}: ")
    assert "](" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_all_of_it_is_listed() -> None:
    done = showcase("glossary")
    assert [line.split("  ")[0] for line in done.stdout.splitlines() if line[:1].strip()][:-1] == list(entries())


@pytest.mark.parametrize("spelled", ["Levels", "planted-leak", "RUN LOG", "self reported", "witness"])
def test_it_is_found_as_people_write_it(spelled: str) -> None:
    assert showcase("glossary", spelled).returncode == 0


def test_links_lead_somewhere() -> None:
    for name in ("README.md", "docs/glossary.md"):
        text = (ROOT / name).read_text("utf-8")
        for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text)):
            if target.startswith("http"):
                continue
            page = ROOT / name if not target else (ROOT / name).parent / target
            assert page.exists(), (name, target)
            heads = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in _heads(page)] if anchor else []
            assert not anchor or anchor in heads, (name, target, anchor)


def _heads(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("word", WORDS)
def test_the_readme_explains_or_links_a_word_where_it_first_stands(word: str) -> None:
    """Linked at its first use in running text, be it in another form; what a command prints is no use of a word."""
    text = (ROOT / "README.md").read_text("utf-8")
    text = re.sub(r"^```.*?^```$|`[^`\n]*`|!\[[^\]]*\]\([^)]*\)", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^#+ .*$", "", text, flags=re.MULTILINE)
    stem = {"policy": "polic(?:y|ies)", "witness": "witness(?:es)?"}.get(word, rf"{word}s?")
    first = re.search(rf"(?<![\w-])(?:{stem.replace(' ', chr(92) + 's+')})(?![\w-])", text, flags=re.IGNORECASE)
    assert first is not None, "not used, and so not explained"
    anchor = word.replace(" ", "-")
    linked = re.compile(rf"\[[^\]]*\]\(docs/glossary\.md#{anchor}\)")
    assert any(link.start() <= first.start() < link.end() for link in linked.finditer(text)), text[
        first.start() - 60 :
    ][:140]


def test_the_page_and_the_help_name_it() -> None:
    assert "showcase glossary" in showcase("--help").stdout
    assert "glossary" in (ROOT / "templates" / "base.html.j2").read_text("utf-8")


def test_an_installed_package_brings_it_along() -> None:
    """As templates do: beside the package in a checkout, inside it where it is installed."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '"docs/glossary.md" = "showcase/docs/glossary.md"' in text


def test_help_waits_for_none_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "showcase", "glossary", "--help"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "showcase.shell.advice" not in loaded or "pydantic" not in {name.partition(".")[0] for name in loaded}
