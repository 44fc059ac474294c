"""The documents of the examples say what is in them."""

from __future__ import annotations

import re

import pytest
from trying import CHATS, CHECKOUT, EXAMPLES

from showcase.cli.init import EPILOG
from showcase.documents.example_files import FILES

PAGE = (CHECKOUT / "docs" / "developers.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Line by line")[2].partition("What no line")[0]
CODE = {name: (EXAMPLES / name).read_text(encoding="utf-8") for name in CHATS}


def explained() -> list[str]:
    return re.findall(r"^\| `(.+?)` \|", TABLE, re.MULTILINE)


@pytest.mark.parametrize("line", explained())
def test_every_line_that_is_explained_is_there(line: str) -> None:
    assert any(line in text for text in CODE.values())


@pytest.mark.parametrize("script", CHATS)
def test_every_switch_that_is_there_is_explained(script: str) -> None:
    switches = re.findall(r'^(?:\w+ = )?os\.(environ\["\w+"\]|umask)', CODE[script], re.MULTILINE)
    assert len(switches) >= 4
    for switch in switches:
        assert any(line.startswith(f"os.{switch}") for line in explained()), switch


def test_every_file_is_in_the_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for name in FILES:
        assert name == "README.md" or f"| `{name}` |" in readme


README = (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_whoever_follows_the_readme_has_what_its_commands_need() -> None:
    install, _, rest = README.partition("## Audit")[2].partition("./audit_my_script.sh  ")
    assert rest
    assert re.search(r"^pip install PATH-OF-THE-CHECKOUT\b", install, re.MULTILINE)
    assert re.search(r"^pip install pytest$", install, re.MULTILINE)
    assert "python -m pytest -rs test_privacy.py" in rest


def test_the_address_of_an_engine_at_a_free_port_goes_with_the_test() -> None:
    assert "export OLLAMA_HOST=127.0.0.1:PORT" in README
    assert "OLLAMA_HOST=127.0.0.1:PORT python -m pytest -rs test_privacy.py" in README
    assert "OLLAMA_HOST=" in EPILOG.partition("pytest -rs")[0].splitlines()[-1]


def test_its_commands_name_users_and_scripts_that_are_there() -> None:
    named = set(re.findall(r"\b(chat_with_\w+\.py|audit_my_script\.sh|test_privacy\.py)", PAGE))
    assert named == set(FILES) - {"README.md", ".gitignore"}
