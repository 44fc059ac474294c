"""What PowerShell makes of the words and lines that it is told, by the rules of its published sources.

There is none here to ask.
"""

from __future__ import annotations

import re
from pathlib import PureWindowsPath

import pytest

from showcase.shell import CommandPrompt, Posix, PowerShell, WindowsPowerShell


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a b", "'a b'"), ("it's", "'it''s'"),
        ('say "x"', "'say \\\"x\\\"'"), ("", "'\"\"'"), ("end\\ of\\", "'end\\ of\\\\'"),
        ("end\\", "end\\"), ('a\\"b', "'a\\\\\\\"b'"), ("plain", "plain"), (r"C:\a b", r"'C:\a b'"),
        ('{"a": "b c"}', "'{\\\"a\\\": \\\"b c\\\"}'"), ('\n"', '"$([char]0x000a)\\`""'),
    ],
)  # fmt: skip
def test_what_windows_powershell_hands_to_programs(name: str, word: str) -> None:
    """It escapes nothing of what a program's C runtime takes for its own marks."""
    assert WindowsPowerShell().quoted(name) == word
    assert WindowsPowerShell().set_variables({"A": 'say "x"'}) == "$env:A = 'say \"x\"'", "which stays in the shell"
    assert WindowsPowerShell().lines_with('"', "x") == "Select-String -SimpleMatch '\"' -LiteralPath x"


SIMPLE = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'
SPACE = "\t\x0b\x0c \xa0\x85\u2003\u3000"


def read_as_powershell(word: str) -> str:
    """Return what one word of a command is to PowerShell's tokenizer, as its published sources scan it.

    Source: `ScanStringLiteral`, `ScanStringExpandable`, `ScanGenericToken` of its tokenizer, and `CharTraits`.
    """
    if word[:1] and word[0] in SIMPLE:
        text, rest = "", word[1:]
        while rest:
            if rest[0] in SIMPLE:
                if rest[1:2] == "" or rest[1] not in SIMPLE:
                    assert len(rest) == 1, f"the string ends before {rest[1:]!r}"
                    return text
                rest = rest[1:]
            text, rest = text + rest[0], rest[1:]
        pytest.fail("the string does not end")
    if word[:1] and word[0] in DOUBLE:
        assert word[-1] in DOUBLE
        body, text = word[1:-1], ""
        while body:
            if spelled := re.match(r"\$\(\[char\]0x([0-9a-f]{4})\)", body):
                text, body = text + chr(int(spelled[1], 16)), body[spelled.end() :]
            elif body[0] == "`":
                text, body = text + body[1], body[2:]
            else:
                assert body[0] not in DOUBLE + "$", f"it means something at {body!r}"
                text, body = text + body[0], body[1:]
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert word, "no word"
    assert not set(word) & set(SIMPLE + DOUBLE + SPACE + "\r\n&(),;{|}`$@#<>%*?"), word
    assert not re.match(r"[-\u2013\u2014\u2015][A-Za-z]*[.:]", word), "a parameter ends there"
    return word


NAMES = (
    "plain", "a b", "", "it's", "''", "\u2018\u2019\u201a\u201b'", "\u201cx\u201d \u201ey\u201f", 'say "x"',
    "$HOME", "$(rm)", "`n", "a`", "@x", "@(1)", "#x", "x#y", "a;b", "a|b", "a&b", "{x}", "(x)", "<x>", "%PATH%", "--%",
    "--", "-", "-x", "-x.y", "-x:y", "\u2013x", "\u2014x.y", "\xa0", "a\u3000b", "a\u2003b", "a\x85b", "\n", "\t'",
    "a\r\n\"`$'\u2019\u201d", "\x1b[31m", "~", "~/x", "*", "?", "a[1]", "1", "1kb", "0x10", "1..3", "..", r"..\x",
    r"C:\a\b", "C:/a", "k=v", "\U0001f600 x", "\U000e0041\u2019", "\udc80", "\u202e", "end\\", "en\xa0d\\",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_powershell_s_tokenizer_reads_what_was_quoted(name: str) -> None:
    assert read_as_powershell(PowerShell().quoted(name)) == name
    assert read_as_powershell(PowerShell()._string(name)) == name


def test_the_tokenizer_here_finds_what_is_not_quoted() -> None:
    for word in ("'it\u2019s'", "'it", '"a\u201db"', '"$x"', "a;b", "a,b", "-x.y", "a\xa0b"):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            read_as_powershell(word)


def test_brackets_in_a_path_are_no_pattern_to_powershell() -> None:
    """A pattern stands for other files: to remove `runs[1]` would remove `runs1`."""
    path = PureWindowsPath("runs[1]")
    shell_ = PowerShell()
    lines = (
        shell_.remove(path), shell_.remove_all(path), shell_.copy_all(path, "to"), shell_.move(path, "to"),
        shell_.listing(path), shell_.below(path), shell_.kind_of(path), shell_.target_of(path), shell_.digest(path),
        shell_.first_line(path), shell_.lines_with("x", path), shell_.count_with("x", path),
        shell_.end_lines_as_here(path),
    )  # fmt: skip
    for line in lines:
        cmdlets = [part for part in re.split(r"[|(]", line) if re.search(r"[A-Z][a-z]+-[A-Z]", part) and "runs" in part]
        assert cmdlets, line
        assert all("-LiteralPath 'runs[1]'" in part for part in cmdlets), line
    assert shell_.page_by_page(path) == "more.com 'runs[1]'"


def test_a_line_begins_with_what_runs_a_program() -> None:
    audited = (r"C:\Program Files\tool.exe", "a b")
    assert PowerShell().line(audited) == r"& 'C:\Program Files\tool.exe' 'a b'"
    assert CommandPrompt().line(audited) == r'"C:\Program Files\tool.exe" "a b"'
    assert Posix().line(("./tool", "a b")) == "./tool 'a b'"
    assert [PowerShell().line((name,)) for name in ("python", "7z", "if", "1kb", r".\x.ps1", "for.exe")] == [
        "python", "& '7z'", "& 'if'", "& '1kb'", r".\x.ps1", "for.exe",
    ]  # fmt: skip
