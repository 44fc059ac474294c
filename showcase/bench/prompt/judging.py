"""Whether a reply is what was contracted: one JSON object, and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from showcase.bench.prompt.tasks import LANGUAGE
from showcase.evidence.fact import Fact

_FENCE = re.compile(r"```[\w+-]*\s*(\{.*?)(?:\n[ \t]*```|```\s*\Z|\Z)", re.DOTALL)
"""An object in a code fence, closed or not: in valid JSON no line begins with the fence's mark."""
_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement(Fact):
    """What is wrong with a reply.

    Attributes:
        code: The first thing that is wrong; empty where the whole reply is one JSON object as contracted. `empty`,
            `cut`, `broken-off`, `fenced`, `around` (an object with words around it), `no-json`, `no-object`,
            `doubled-key`, `missing-key:KEY`, `extra-keys`, `wrong-type:KEY`, `empty-text:KEY`, `bad-language`.
        lenient: Whether a harness that takes the text out of a code fence would get such an object.
    """

    code: str
    lenient: bool

    @property
    def parsed(self) -> bool:
        """Whether it is strictly what was contracted."""
        return not self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an answer has to be: a JSON object with exactly these keys, each with a text that is not empty.

    Attributes:
        keys: Its keys.
        languages: What `language` may be.
    """

    keys: tuple[str, ...]
    languages: tuple[str, ...]

    def schema(self) -> dict[str, object]:
        """Return it as a JSON schema."""
        kinds: dict[str, object] = {key: {"type": "string"} for key in self.keys}
        kinds[LANGUAGE] = {"type": "string", "enum": list(self.languages)}
        return {"type": "object", "properties": kinds, "required": list(self.keys), "additionalProperties": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    code: str
    correction: str


def judge(text: str, done_reason: str | None, contract: Contract) -> Judgement:
    """Judge a reply; see `Judgement`."""
    fault = _fault(text, done_reason, contract)
    return Judgement(code=fault.code if fault else "", lenient=fault is None or _in_fence(text, contract))


def correction(text: str, done_reason: str | None, contract: Contract) -> str:
    """Return what a user would say of a broken reply: exactly what was wrong with it; nothing where it is sound."""
    fault = _fault(text, done_reason, contract)
    if fault is None:
        return ""
    wrong = [fault.correction]
    inner = _FENCE.search(text) if fault.code == "fenced" else None
    within = _object_fault(inner.group(1), contract) if inner else None
    if within:
        wrong.append(within.correction)
    return f"{' '.join(wrong)} Send the corrected JSON object and nothing else."


def _fault(text: str, done_reason: str | None, contract: Contract) -> _Fault | None:
    fault = _object_fault(text, contract)
    if fault is None:
        return None
    if not text.strip():
        return _Fault(code="empty", correction="Your reply was empty.")
    if done_reason == "length":
        return _Fault(code="cut", correction="Your reply was too long and was cut off before the JSON object ended.")
    if done_reason is None:
        return _Fault(code="broken-off", correction="Your reply broke off before the JSON object ended.")
    if fault.code != "no-json":
        return fault
    if _FENCE.search(text):
        return _Fault(code="fenced", correction="Your reply wrapped the answer in a code fence (```).")
    if _holds_object(text):
        return _Fault(code="around", correction="Your reply had words around the JSON object.")
    return fault


def _object_fault(text: str, contract: Contract) -> _Fault | None:
    doubled: list[str] = []

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        doubled.extend(name for name, _ in found if [key for key, _ in found].count(name) > 1)
        return dict(found)

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        why = f": {error}" if isinstance(error, json.JSONDecodeError) and text.lstrip().startswith("{") else ""
        return _Fault(code="no-json", correction=f"Your reply was not valid JSON{why}.")
    if not isinstance(value, dict):
        return _Fault(code="no-object", correction=f"Your reply was {_named(value)}, not a JSON object.")
    if doubled:
        return _Fault(code="doubled-key", correction=f'Your JSON object named the key "{doubled[0][:40]}" twice.')
    return _value_fault(value, contract)


def _value_fault(value: dict[str, object], contract: Contract) -> _Fault | None:
    for key in contract.keys:
        if key not in value:
            return _Fault(code=f"missing-key:{key}", correction=f'Your JSON object lacked the key "{key}".')
    if extra := [key for key in value if key not in contract.keys]:
        return _Fault(
            code="extra-keys", correction=f"Your JSON object had a key that was not asked for: {extra[0][:40]}."
        )
    for key in contract.keys:
        given = value[key]
        if not isinstance(given, str):
            return _Fault(
                code=f"wrong-type:{key}", correction=f'The value of "{key}" was {_named(given)}; it has to be a text.'
            )
        if not given.strip():
            return _Fault(code=f"empty-text:{key}", correction=f'The value of "{key}" was empty.')
    if value[LANGUAGE] not in contract.languages:
        return _Fault(
            code="bad-language",
            correction=f'The value of "{LANGUAGE}" was {str(value[LANGUAGE])[:40]}; it has to be one of '
            f"{', '.join(contract.languages)}.",
        )
    return None


def _in_fence(text: str, contract: Contract) -> bool:
    found = _FENCE.search(text)
    return found is not None and _object_fault(found.group(1), contract) is None


def _holds_object(text: str) -> bool:
    """Tell whether some part of it, from a brace on, is a JSON object."""
    places = [found.start() for found in re.finditer(r"\{", text)][:50]  # code may be full of braces
    return any(_begins_object(text[place:]) for place in places)


def _begins_object(text: str) -> bool:
    try:
        return bool(json.JSONDecoder().raw_decode(text)[0])  # `{}` alone is code as well
    except (ValueError, RecursionError):
        return False


def _named(value: object) -> str:
    return _NAMES.get(type(value), "a number")
