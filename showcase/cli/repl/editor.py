"""The user's own editor, in the user's own environment and directory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.errors import UsageError
from showcase.shell import here
from showcase.shell.splitting import words_of

if TYPE_CHECKING:
    from showcase.cli.everyday import Surroundings

VARIABLES = ("VISUAL", "EDITOR")
OTHERS = ("/usr/bin/editor", "/usr/bin/nano", "/usr/bin/pico", "/usr/bin/vi", "/usr/bin/emacs")
"""As prompt_toolkit tries them (`Buffer._open_file_in_editor`); it would give an editor this process's environment."""


def edited(text: str, around: Surroundings) -> str:
    """Return a text as the user's editor left it.

    Raises:
        UsageError: No editor can be started, it failed, or what it left is no text; the text is as it was.
    """
    command = _command(around)
    hint = f"name one: {_named(VARIABLES[1])}"
    if command is None:
        raise UsageError("there is no editor", hint=hint)
    with temporary("showcase-edit-") as place:
        path = place / "say.txt"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        try:
            status = subprocess.run(
                [*command, str(path)], env=dict(around.environment), cwd=around.typed_from, check=False
            ).returncode
            if status:
                raise UsageError(f"the editor {command[0]} ended with exit status {status}", hint=hint)
            return path.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"the editor {command[0]} cannot be used: {why}", hint=hint) from error


def _command(around: Surroundings) -> list[str] | None:
    for variable in VARIABLES:
        named = around.environment.get(variable, "").strip()
        if named:
            try:
                words = words_of(named)
            except ValueError as error:
                raise UsageError(
                    f"{variable} cannot be read: {error}", hint=f"write it anew: {_named(variable)}"
                ) from error
            if shutil.which(words[0], path=around.environment.get("PATH")) is None:
                raise UsageError(
                    f"the editor {words[0]}, which {variable} names, is not there",
                    hint=f"name one that is: {_named(variable)}",
                )
            return words
    return next(([path] for path in OTHERS if shutil.which(path)), None)


def _named(variable: str) -> str:
    return here().set_variables({variable: "notepad" if sys.platform == "win32" else "nano"})
