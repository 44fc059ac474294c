"""Reads the folder of a lab; whatever is wrong with it is told with file and line, before anybody is taught by it."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from showcase.documents import reading
from showcase.documents.toml_places import Places
from showcase.errors import UsageError
from showcase.labs.lab import FALLBACK, TEXT, Act, Answer, Frame, Lab, Text
from showcase.shell.advice import near, quoted

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic import TypeAdapter

FRAME = "lab.toml"
VERIFY = "verify.py"
SOLUTION = "solution.toml"
RECORDED_SOLUTION = "solution.recorded.toml"
WRONG = "wrong"
GIVEN = "given"
RECORDED = "recorded"
SOLVED = "solved"
_KNOWN = {FRAME, VERIFY, SOLUTION, RECORDED_SOLUTION, WRONG, GIVEN, RECORDED, SOLVED, "__pycache__"}

LEAST_WRONG = 3
"""Wrong answers that a lab has at least: a check that nothing fails is none."""

LEAST_HINTS = 2

MOST_WORDS = 420
"""Of the reading. Adults read some 238 words of English prose a minute in silence (Brysbaert 2019, a meta-analysis of
190 studies), and somebody reads aloud, or in a second language: two minutes."""

_MAX_BYTES = 1024 * 1024
_LANGUAGE = re.compile(rf"{TEXT}\.([a-z]{{2,3}})\.toml")

F = TypeVar("F", Frame, Text, Answer)


def read(folder: Path) -> Lab:
    """Return the lab in a folder.

    Raises:
        UsageError: Something of it is missing or does not fit the rest; with the file, and the line where one is at
            fault.
    """
    names = sorted(path.name for path in folder.iterdir())
    texts = {found[1]: name for name in names if (found := _LANGUAGE.fullmatch(name))}
    for name in names:
        if name not in _KNOWN and name not in texts.values() and not name.startswith("."):
            known = (*sorted(_KNOWN), "text.LANGUAGE.toml")
            raise _fault(folder / name, f"no part of a lab is called so{near(name, known)}", "rename or remove it")
    for name in (FRAME, VERIFY, SOLUTION, f"{TEXT}.{FALLBACK}.toml", WRONG):
        if name not in names:
            raise _fault(folder / name, "it is missing", "see docs/labs.md for what a lab has")
    lab = Lab(
        folder=folder,
        frame=_document(folder / FRAME, Frame),
        texts={language: _document(folder / name, Text) for language, name in texts.items()},
        solution=_document(folder / SOLUTION, Answer),
        recorded_solution=_document(folder / RECORDED_SOLUTION, Answer) if RECORDED_SOLUTION in names else None,
        wrong={path.stem: _document(path, Answer) for path in sorted((folder / WRONG).glob("*.toml"))},
    )
    _check(lab)
    return lab


def _fault(path: Path, what: str, fix: str) -> UsageError:
    return UsageError(f"{path}: {what}", hint=fix)


_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def _adapter(kind: type[F]) -> TypeAdapter[F]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    if kind.__name__ not in _ADAPTERS:
        _ADAPTERS[kind.__name__] = TypeAdapter(kind)
    return _ADAPTERS[kind.__name__]


def _document(path: Path, kind: type[F]) -> F:
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    try:
        text = reading.read(path, limit=_MAX_BYTES, files_only=True).decode("utf-8-sig")
        document = tomllib.loads(text)
    except reading.UnreadableError as error:
        raise _fault(path, f"it cannot be read: {error}", "name a folder that can be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _fault(path, f"this is not TOML: {error}", "mend it; it is UTF-8, and texts are in quotes") from error
    try:
        # By way of JSON, in which a list is what a tuple is read from.
        return _adapter(kind).validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = Places(text).key(*first["loc"])
        named = ".".join(str(part) for part in first["loc"])
        what = f"{named}: {first['msg']}"
        raise UsageError(
            f"{path}, line {place.line}, column {place.column}: {what}",
            hint=f"see docs/labs.md for what stands in {path.name.replace(f'.{FALLBACK}.', '.LANGUAGE.')}",
        ) from error


def _check(lab: Lab) -> None:
    frame, folder = lab.frame, lab.folder
    if frame.number < 1 or frame.minutes < 1:
        raise _fault(folder / FRAME, "number and minutes are from 1", "number = 1")
    if not frame.checks or not frame.steps:
        raise _fault(folder / FRAME, "a lab without checks or steps teaches nothing", 'checks = ["…"]')
    for language, text in lab.texts.items():
        _check_text(lab, text, folder / f"{TEXT}.{language}.toml")
    _check_verify(folder / VERIFY)
    _check_answer(lab, lab.solution, folder / SOLUTION)
    if frame.needs:
        if lab.recorded_solution is None or not lab.recorded.is_dir() or not frame.recorded_steps:
            raise _fault(
                folder / RECORDED_SOLUTION,
                f"it needs {', '.join(frame.needs)}, which a machine may lack, and has no recorded run",
                f"a directory {RECORDED}, recorded_steps, and {RECORDED_SOLUTION}",
            )
        _check_answer(lab, lab.recorded_solution, folder / RECORDED_SOLUTION)
    if len(lab.wrong) < LEAST_WRONG:
        raise _fault(
            folder / WRONG,
            f"it holds {len(lab.wrong)} wrong answers, {LEAST_WRONG} are needed: a check that nothing fails is none",
            "write what a participant would take for right",
        )
    for name, answer in lab.wrong.items():
        path = folder / WRONG / f"{name}.toml"
        _check_answer(lab, answer, path)
        if not answer.fails or not answer.why:
            raise _fault(path, "it does not say why somebody takes it, or what it fails", 'why = "…", fails = ["…"]')
        _same(path, "fails", set(answer.fails) - set(frame.checks), set())


def _check_text(lab: Lab, text: Text, path: Path) -> None:
    frame = lab.frame
    _same(path, "checks", set(text.checks), set(frame.checks))
    _same(path, "choices", set(text.choices), set(frame.choices))
    _same(path, "findings", set(text.findings), set(frame.findings))
    for name, told, there in (
        ("steps", text.steps, frame.steps),
        ("recorded_steps", text.recorded_steps, frame.recorded_steps),
    ):
        if len(told) != len(there):
            raise _fault(path, f"{name}: {len(told)} sentences for {len(there)} of {FRAME}", "one sentence a step")
    if len(text.hints) < LEAST_HINTS:
        raise _fault(path, f"{len(text.hints)} hints, {LEAST_HINTS} are the least", "begin with what to look at")
    words = len(text.reading.split())
    if words > MOST_WORDS:
        raise _fault(
            path, f"the reading has {words} words, {MOST_WORDS} are two minutes", "leave out what can be tried"
        )


def _check_answer(lab: Lab, answer: Answer, path: Path) -> None:
    if lab.frame.choices and answer.prediction not in lab.frame.choices:
        raise _fault(
            path, f"the prediction {answer.prediction!r} is no choice", f"one of {', '.join(lab.frame.choices)}"
        )
    _same(path, "findings", set(answer.findings) - set(lab.frame.findings), set())
    for act in answer.acts:
        _check_act(lab, act, path)


def _check_act(lab: Lab, act: Act, path: Path) -> None:
    kinds = [bool(act.command), act.copy is not None, act.remove is not None]
    if sum(kinds) != 1 or (act.copy is None) != (act.to is None):
        raise _fault(path, "an act has one of command, copy (with to) and remove", 'copy = "solved/x.py", to = "x.py"')
    for place in (act.to, act.remove, act.output):
        if place is not None and not is_below(place):
            raise _fault(path, f"{place!r} does not lie in the participant's directory", "name it from there")
    if act.copy is not None and not (is_below(act.copy) and (lab.folder / act.copy).exists()):
        raise _fault(path, f"there is no {act.copy} in {quoted(lab.folder)}", "name a file of the lab's folder")


def is_below(place: str) -> bool:
    """Tell whether a path, with `/`, stays in the directory that it is named from."""
    parts = PurePosixPath(place.replace("\\", "/")).parts
    return bool(parts) and not parts[0].startswith("/") and ".." not in parts and ":" not in parts[0]


def _check_verify(path: Path) -> None:
    try:
        tree = ast.parse(reading.read(path, limit=_MAX_BYTES, files_only=True))
    except (reading.UnreadableError, SyntaxError, ValueError) as error:
        raise _fault(path, f"it is no Python: {error}", "mend it") from error
    if not any(isinstance(node, ast.FunctionDef) and node.name == "verify" for node in tree.body):
        raise _fault(path, "it has no function verify(workspace)", "see docs/labs.md")


def _same(path: Path, key: str, told: set[str], there: set[str]) -> None:
    odd = sorted(told ^ there)
    if odd:
        raise _fault(path, f"{key}: {_listed(odd)} is not in both this file and {FRAME}", f"the same names in {FRAME}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
