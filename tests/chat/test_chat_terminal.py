"""A chat at a terminal: lines are edited, completed, found again and kept; a reply is stopped, and the chat goes on."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from at_a_screen import ALT_ENTER, CTRL_C, CTRL_D, CTRL_G, CTRL_O, CTRL_R, PASTE, UP, Screen
from chatting import chat, command, listed

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Engines

OSLO = "I live in Oslo."


def history(store: Path) -> str:
    return "".join(path.read_text("utf-8") for path in sorted((store / "mem0_home/chat").glob("*.history")))


def test_lines_are_edited_and_of_several_and_kept_for_their_user_alone(store: Path, server: str) -> None:
    with Screen(command(store, server)) as screen:
        greeting = screen.prompt()
        assert "no language model" in greeting
        assert " alice | rehearsal | 0 memories | no language model | chroma" in greeting.splitlines()[-1]
        screen.type("I live in Osl\x01Well, \x05o.")  # Ctrl-A, Ctrl-E
        screen.type(f"{ALT_ENTER}Second line.")
        screen.until("Second line.")
        screen.type("\r")
        screen.until("ADD")
        assert "1 memory" in screen.prompt().splitlines()[-1]
        screen.type(CTRL_D)
        assert screen.end() == 0
    assert listed(store, server) == ["Well, I live in Oslo. ⏎ Second line."]
    (path,) = (store / "mem0_home/chat").iterdir()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "+Well, I live in Oslo.\n+Second line.\n" in history(store)
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type(UP)
        screen.until("alice> Well, I live in Oslo.")
        screen.type(CTRL_C)
        screen.prompt()
        screen.type(f"{CTRL_R}Oslo")
        screen.until(lambda text: "I-search" in text and text.count("alice> Well, I live in Oslo.") == 2)
        screen.type(CTRL_G + CTRL_C)
        screen.prompt()
        screen.type("/user bob\r")
        screen.until("bob has 0 memories")
        screen.until(lambda text: Screen.last(text) == "bob>")
        screen.type(UP + "nothing of hers")
        assert Screen.last(screen.until("nothing of hers")) == "bob> nothing of hers"


def test_a_tab_completes_commands_users_memories_and_models(store: Path, server: str) -> None:
    chat(store, server, OSLO, "/user bob", "I live in Rome.")
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type("/fo\t")
        screen.until("alice> /forget")
        screen.type(" \t")
        screen.until(lambda text: "I live in Oslo." in text and "all of them" in text)
        screen.type(CTRL_C)
        screen.prompt()
        screen.type("/user b\t")
        screen.until("alice> /user bob")
        screen.type(CTRL_C)
        screen.prompt()
        screen.type("/model \t")
        assert "rehearsal-embed" not in screen.until("alice> /model rehearsal").partition("alice> /model")[2]
        screen.type(CTRL_C)
        screen.prompt()
        screen.type("/\t")
        assert "Account for the last reply" in screen.until("/incognito")


def test_the_editor_is_the_users_own_in_their_environment(store: Path, server: str, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nstat -c %a "$1" > seen\necho "$OF_MINE" >> "$1"\necho "a second line" >> "$1"\n')
    editor.chmod(0o700)
    variables = {"EDITOR": str(editor), "OF_MINE": "by the editor"}
    with Screen(command(store, server), cwd=tmp_path, **variables) as screen:
        screen.prompt()
        screen.type(f"written {CTRL_O}")
        screen.until(lambda text: "alice> written by the editor" in text and "a second line" in text)
        assert (tmp_path / "seen").read_text() == "600\n", "in the directory where the command was typed"
        screen.type("\r")
        screen.until("ADD")


@pytest.mark.parametrize("named", ["no-such-editor", "false", "'"])
def test_an_editor_that_fails_is_told_and_nothing_is_lost(store: Path, server: str, named: str) -> None:
    with Screen(command(store, server), EDITOR=named) as screen:
        screen.prompt()
        screen.type(f"not lost{CTRL_O}")
        screen.until("error: ")
        screen.until(lambda text: Screen.last(text) == "alice> not lost")


def test_ctrl_c_stops_a_reply_and_nothing_of_what_is_typed_meanwhile_is_shown(store: Path, engines: Engines) -> None:
    with engines("--pace", "4") as (_, address), Screen(command(store, address)) as screen:
        screen.prompt()
        screen.type(f"{OSLO}\r")
        screen.until("Noted")
        screen.type("typed meanwhile")
        time.sleep(0.5)
        screen.type(CTRL_C)
        said = screen.until("(stopped)")
        assert "typed meanwhile" not in said
        screen.prompt()
        screen.type("/memory\r")
        screen.until(f"1. {OSLO}")


def test_ctrl_c_clears_a_line_and_says_how_to_leave(store: Path, server: str) -> None:
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type(f"half a line{CTRL_C}")
        assert "leaves." not in screen.prompt().partition("half a line")[2]
        screen.type(CTRL_C)
        screen.until("Ctrl-D, or /quit, leaves.")
        screen.prompt()  # what is typed between two lines belongs to none
        screen.type(CTRL_D)
        assert screen.end() == 0
    assert "half a line" not in history(store)


def test_a_paste_of_a_megabyte_is_told_and_one_of_signs_is_shown_as_text(store: Path, server: str) -> None:
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type(PASTE.format("x" * 1_000_000))
        screen.until("what was pasted has 1,000,000 bytes")
        screen.type(PASTE.format("red \x1b[31m sign\rnext line"))
        screen.until("next line")
        assert b"\x1b[31m" not in screen.raw
        screen.type("\r")
        screen.until("ADD")
        assert b"\x1b[31m" not in screen.raw


def test_a_question_is_answered_by_a_person(store: Path, server: str) -> None:
    chat(store, server, OSLO, "I play the cello.")
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type("/forget all\r")
        screen.until("Forget all of them? [y/N]")
        screen.type("n\r")
        screen.until("Nothing was forgotten.")
        screen.prompt()
        screen.type("/forget all\r")
        screen.until(lambda text: text.count("Forget all of them? [y/N]") == 2)
        screen.type("y\r")
        screen.until("2 memories taken out")
    assert listed(store, server) == []
    assert "+y\n" not in history(store), "an answer is no line to be found again"


def test_incognito_leaves_no_line_behind(store: Path, server: str) -> None:
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type("/incognito\r")
        screen.until("Store now: sha256")
        screen.until(lambda text: Screen.last(text) == "alice (incognito)>")
        screen.type("Valparaiso is a secret.\r")
        screen.until("Store unchanged")
        screen.until(lambda text: Screen.last(text) == "alice (incognito)>")
        screen.type("/incognito\r")
        screen.until("Incognito is over. Store unchanged")
        screen.prompt()
        screen.type(f"{UP}{UP}")
        assert "Valparaiso" not in Screen.last(screen.until(lambda text: Screen.last(text) != "alice>"))
    assert "Valparaiso" not in history(store)


@pytest.mark.parametrize(("columns", "rows"), [(40, 20), (20, 10)])
def test_a_screen_that_shrinks(store: Path, server: str, columns: int, rows: int) -> None:
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type("half a li")
        screen.until("half a li")
        screen.resize(columns, rows)
        screen.type("ne is kept")
        screen.until(lambda text: "half a line is kept" in text.replace("\n", ""))
        screen.type("\r")
        screen.until("ADD")
        assert max(map(len, screen.prompt().splitlines())) <= columns


def test_a_page_of_memories_is_no_longer_than_the_screen(store: Path, server: str) -> None:
    chat(store, server, *(f"My boat number {number} is {'very ' * 30}old." for number in range(1, 13)))
    with Screen(command(store, server), rows=10) as screen:
        screen.prompt()
        screen.type("/memory\r")
        assert "  1. My boat number 1" in screen.until("6 of 12 shown; the next: /memory more")
        screen.prompt()
        screen.type("/memory more\r")
        screen.until(" 12. My boat number 12")


@pytest.mark.parametrize("variable", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_colour_where_none_is_wanted(store: Path, server: str, variable: dict[str, str]) -> None:
    with Screen(command(store, server), **variable) as screen:
        screen.until("alice>")
        screen.type("Hello.\r")
        screen.until("ADD")
        if "TERM" in variable:
            assert b"\x1b" not in screen.raw
        assert b"\x1b[2m" not in screen.raw
        assert b";38;" not in screen.raw


def test_two_chats_keep_each_line_of_both(tmp_path: Path) -> None:
    from showcase.cli.repl.line_history import LineHistory  # noqa: PLC0415 - with prompt_toolkit

    def fails(error: OSError) -> None:
        raise error

    path = tmp_path / "chat/x.history"
    children = []
    for name in ("one", "other"):
        child = os.fork()
        if not child:
            kept = LineHistory(path, writes=True, failed=fails)
            for number in range(200):
                kept.store_string(f"{name} {number}\n# no comment\n+ no sign")
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    entries = list(LineHistory(path, writes=True, failed=fails).load_history_strings())
    wanted = {f"{name} {number}\n# no comment\n+ no sign" for name in ("one", "other") for number in range(200)}
    assert len(entries) == 400
    assert set(entries) == wanted


def test_a_history_that_cannot_be_written_is_told_once_and_the_chat_goes_on(store: Path, server: str) -> None:
    chat(store, server, OSLO)
    (store / "mem0_home/chat").write_text("in the way")
    with Screen(command(store, server)) as screen:
        screen.prompt()
        screen.type("/user\r")
        screen.until("what you type cannot be kept for the next chat")
        screen.prompt()
        screen.type("/memory\r")
        screen.until(f"1. {OSLO}")
        assert screen.text.count("cannot be kept") == 1
