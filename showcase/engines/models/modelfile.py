"""Modelfiles: read as Ollama reads them, given back as written, turned into a `/api/create` request."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.documents import reading
from showcase.engines.models import sources
from showcase.engines.models.parameters import PARAMETERS, Value, read_value
from showcase.engines.models.sources import A_FROM
from showcase.errors import UsageError
from showcase.settings import OLLAMA
from showcase.shell import here
from showcase.shell.advice import near, ollama_command

if TYPE_CHECKING:
    from showcase.evidence import Endpoint

MAX_BYTES = 16 * 1024 * 1024
"""A Modelfile with its licence and its template has some 30 KB."""

INSTRUCTIONS = (
    "FROM", "PARAMETER", "SYSTEM", "TEMPLATE", "LICENSE", "MESSAGE", "ADAPTER", "RENDERER", "PARSER",
    "REQUIRES", "DRAFT",
)  # fmt: skip
ROLES = ("system", "user", "assistant")

# Not str.splitlines, which also ends a line at a form feed or at U+2028.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_WORD = re.compile(r"[ \t]*(?P<word>[^ \t]*)")
_QUOTES = ('"""', '"')
_FORMS = {"FROM": A_FROM, "PARAMETER": "PARAMETER num_ctx 16384", "MESSAGE": "MESSAGE user TEXT"}
_ONE_LINE = ("FROM", "PARAMETER", "ADAPTER", "DRAFT", "RENDERER", "PARSER", "REQUIRES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction.

    Attributes:
        name: In capitals, one of `INSTRUCTIONS`.
        key: The parameter's name or the message's role, else empty.
        value: What follows, without its quotes.
        line: Where it begins, from 1.
        text: The piece of the file it was read from, comments and blank lines before it included.
    """

    name: str
    key: str
    value: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelfile:
    """A whole Modelfile.

    Attributes:
        source: What it is called in an error.
        instructions: All of them, in order.
        rest: What follows the last one.
        directory: Where it lies, and the files that it names; None where it is no file.
    """

    source: str
    instructions: tuple[Instruction, ...]
    rest: str
    directory: Path | None = None

    def __str__(self) -> str:
        return "".join(instruction.text for instruction in self.instructions) + self.rest

    @property
    def base(self) -> str:
        """The model it builds on: its only FROM."""
        return self._only("FROM")

    def parameters(self) -> dict[str, Any]:
        """Return the parameters with their types; `stop` is a list.

        Raises:
            UsageError: A parameter is unknown or its value is none; names the line.
        """
        found: dict[str, Any] = {}
        for instruction in self.instructions:
            if instruction.name != "PARAMETER":
                continue
            try:
                value = read_value(instruction.key, instruction.value)
            except ValueError as error:
                raise self._error(instruction.line, str(error)) from error
            if PARAMETERS[instruction.key].repeats:
                found.setdefault(instruction.key, []).append(value)
            else:
                found[instruction.key] = value
        return found

    def create_request(self, model: str, *, endpoint: Endpoint = OLLAMA, **overrides: Value) -> dict[str, Any]:
        """Return the body for `POST /api/create` that makes `model`; `overrides` replace parameters.

        Args:
            model: Its name.
            endpoint: The server, for the hint.
            overrides: Parameters instead of those that are written.

        Raises:
            UsageError: It builds on a file instead of a model, has an adapter, or a parameter is wrong.
        """
        create = ollama_command(endpoint, "create", model, "-f", Path(self.source))
        for each in self.instructions:
            if each.name in ("FROM", "ADAPTER", "DRAFT"):
                found = sources.obstacle(each.name, each.value, directory=self.directory, create=create)
                if found is not None:
                    raise self._error(each.line, found[0], fix=found[1])
        request: dict[str, Any] = {"model": model, "from": self.base}
        values = self.parameters() | overrides
        if values:
            request["parameters"] = values
        for name in ("SYSTEM", "TEMPLATE", "RENDERER", "PARSER", "REQUIRES"):
            given = [i.value for i in self.instructions if i.name == name]
            if given:
                request[name.lower()] = given[-1]
        licences = [i.value for i in self.instructions if i.name == "LICENSE"]
        if licences:
            request["license"] = licences
        messages = [i for i in self.instructions if i.name == "MESSAGE"]
        if messages:
            request["messages"] = [{"role": i.key, "content": i.value} for i in messages]
        return request

    def _only(self, name: str) -> str:
        found = [i for i in self.instructions if i.name == name]
        if len(found) != 1:
            raise self._error(found[1].line if found else 1, f"one {name} is needed, {len(found)} are there")
        return found[0].value

    def _error(self, line: int, what: str, *, fix: str = "correct that line") -> UsageError:
        return UsageError(f"{self.source}:{line}: {what}", hint=fix)


def read(path: Path) -> Modelfile:
    """Read the Modelfile at `path`.

    Raises:
        UsageError: It cannot be read or is no Modelfile; names file and line.
    """
    try:
        data = reading.read(path, limit=MAX_BYTES)
        # Ollama honours a byte order mark; Windows editors write one.
        marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except reading.UnreadableError as error:
        raise UsageError(
            f"cannot read {path}: {error}", hint=f"give a Modelfile; look at it: {here().who_may(path)}"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error}", hint="save it as UTF-8") from error
    return replace(parse(text, source=str(path)), directory=path.absolute().parent)


def parse(text: str, *, source: str = "Modelfile") -> Modelfile:
    """Parse a Modelfile. `str()` of the result is `text` again.

    Raises:
        UsageError: An instruction is unknown, lacks its value, or a quote is never closed; names the line.
    """
    lines = _LINE.findall(text)
    instructions: list[Instruction] = []
    pending: list[str] = []
    index = 0
    while index < len(lines):
        content = lines[index].strip()
        pending.append(lines[index])
        index += 1
        if not content or content.startswith("#"):
            continue
        number = index
        name, key, opening = _head(lines[index - 1].strip("\r\n"), source, number)
        written = [opening]
        while (value := _unquoted("".join(written))) is None:
            if index == len(lines):
                raise UsageError(
                    f"{source}:{number}: the quote that {name} opens is never closed",
                    hint='end the text with """ at the end of a line',
                )
            if len(written) == 1:
                written[0] = opening + _ending(lines[index - 1])
            written.append(lines[index])
            pending.append(lines[index])
            index += 1
        if name in _ONE_LINE and key != "stop":
            # What does not print, such as a no-break space, Ollama leaves out everywhere; in a text it is the user's.
            value = "".join(character for character in value if character.isprintable() or character == "\t")
            value = value.strip() if name == "FROM" else value
            if not value and name == "FROM":
                raise UsageError(f"{source}:{number}: FROM lacks its value", hint=A_FROM)
        instructions.append(Instruction(name=name, key=key, value=value, line=number, text="".join(pending)))
        pending = []
    modelfile = Modelfile(source=source, instructions=tuple(instructions), rest="".join(pending))
    if not any(instruction.name == "FROM" for instruction in instructions):
        raise UsageError(f"{source}:1: there is no FROM", hint=f"begin with: {A_FROM}")
    return modelfile


def _head(line: str, source: str, number: int) -> tuple[str, str, str]:
    """Return name, key and the rest of the first line of an instruction."""
    match = _WORD.match(line)
    word = match["word"] if match else ""
    _check_spaces(word, line, source, number)
    name, rest = word.upper(), line[match.end() if match else 0 :]
    if name not in INSTRUCTIONS:
        raise UsageError(
            f"{source}:{number}: unknown instruction {word!r}{near(word, INSTRUCTIONS)}",
            hint="an instruction is one of " + ", ".join(INSTRUCTIONS),
        )
    if not rest:
        raise UsageError(f"{source}:{number}: {name} lacks its value", hint=_FORMS.get(name, f"{name} VALUE"))
    if name not in ("PARAMETER", "MESSAGE"):
        return name, "", rest
    match = _WORD.match(rest)
    key = match["word"] if match else ""
    _check_spaces(key, line, source, number)
    if name == "MESSAGE" and key not in ROLES:
        raise UsageError(
            f"{source}:{number}: {key!r} is no role of a MESSAGE{near(key, ROLES)}", hint="one of " + ", ".join(ROLES)
        )
    if not re.fullmatch(r"[A-Za-z0-9_]+", key):
        raise UsageError(f"{source}:{number}: PARAMETER lacks its name", hint=_FORMS["PARAMETER"])
    rest = rest[match.end() if match else 0 :]
    if not rest:
        raise UsageError(f"{source}:{number}: {name} {key} lacks its value", hint=f"{name} {key} VALUE")
    return name, key, rest


def _check_spaces(word: str, line: str, source: str, number: int) -> None:
    """Refuse what looks like a space after the word, and is none for Ollama: it comes with text from a web page."""
    other = next((character for character in word if character.isspace() or not character.isprintable()), None)
    if other is not None:
        called = f"U+{ord(other):04X}, {unicodedata.name(other, 'a control character').lower()}"
        plain = " ".join("".join(c if c.isprintable() and not c.isspace() else " " for c in line).split())
        raise UsageError(
            f"{source}:{number}: {called}, stands where Ollama needs a plain space", hint=f"write: {plain}"
        )


def _unquoted(written: str) -> str | None:
    """Return the value without its quotes, None while a quote is open.

    Ollama looks for the closing quote at the end of a line only, so that quotes inside a text need no escape.
    """
    stripped = written.strip(" \t\r\n")
    for quote in _QUOTES:
        if stripped.startswith(quote):
            closed = len(stripped) >= 2 * len(quote) and stripped.endswith(quote)
            return stripped[len(quote) : -len(quote)] if closed else None
    return stripped


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
