"""Tells a question, a statement and a greeting apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from showcase.engines.rehearsal.responder import sentences

_MARKS = ("?", "？", "؟", "՞", "\u037e")  # noqa: RUF001 - question marks of other scripts
_OPENING = re.compile(
    r"""^(?:(?:and|so|but|ok|okay|well|hey|hi|hello|please|now|then|by\s+the\s+way|btw|sorry)[\s,]+)*(?:
        who(?:se|m)?|what|where|why|how|which
      | when\b(?!\s+(?:i|we|my|it|the|he|she|they)\b)     # "When I was five …" tells
      | (?:who|what|when|where|why|how)(?:'s|'re|'d|s)
      | (?:do|does|did|am|are|is|was|were|can|could|will|would|should|shall|have|has|had|may|might)(?:n't)?\s+
        (?:i|my|we|our|you|it|that|there|he|she|they|the|any\w*)
      | any\s+(?:idea|ideas|suggestion|suggestions|tips?|recommendations?|thoughts|advice)
      | tell\s+me|remind\s+me|name\s+(?:my|the|a|some)|list|suggest|recommend|describe|give\s+me|show\s+me|help\s+me
      | guess|plan|pick|choose|find\s+me
      | i\s+(?:need|want|would\s+like|forgot|forget|wonder|can't\s+remember|cannot\s+remember)\s+
        (?:to\s+know|an?\s+(?:idea|suggestion|recommendation)|what|where|when|who|which|how|my)
      | do\s+you\s+(?:know|remember|recall)
      | (?:sage?|nenne?|zeige?|erzähle?|verrate?)\s+mir|erinnere?\s+mich|empfiehl
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OPEN = re.compile(
    r"\b(?:ideas?|suggest(?:ions?)?|recommend(?:ations?)?|tips?|thoughts|advice|plan|(?:should|could|can|shall)\s+(?:i|we))\b"
    r"|\bwhat\s+do\s+you\s+know\b"
    r"|\b(?:ideen?|vorschl[aä]ge?|empf[ei]+hl\w*|(?:soll|sollte|kann|könnte)\s+(?:ich|wir))\b"
    r"|おすすめ|お勧め|アイデア|提案|いい\w{0,6}(?:は|が)?あります|どうすれば",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"(?:ですか|ますか|でしょうか|のか|か|吗|嗎|呢|까요|나요|니까|까|教えて(?:ください|くれ)?)[。.!！]?$"  # noqa: RUF001 - full-width mark
)
_LABEL = re.compile(
    r"^\W*(?:(?:the\s+)?(?:user'?s?\s+)?(?:question|query|message|input)|q)\W*:\W*", re.IGNORECASE | re.MULTILINE
)
_GREETING = re.compile(
    r"""^(?:hi|hello|hey|hiya|howdy|greetings|welcome|good\s+(?:morning|afternoon|evening|day|night)|hola|bonjour|salut
        |hallo|guten\s+(?:tag|morgen|abend)|ciao|moin|servus|ola|olá|namaste|salaam|shalom|привет|здравствуйте|你好|您好
        |こんにちは|こんばんは|おはよう(?:ございます)?|안녕하세요|안녕|नमस्ते|مرحبا|السلام\ عليكم|שלום|γεια(?:\ σου)?)
        (?:\s+(?:there|again|you|all|everyone|assistant|friend|rehearsal|how\s+are\s+you(?:\s+\w+)?))*$""",  # noqa: RUF001 - Greek is meant
    re.IGNORECASE | re.VERBOSE,
)
_WELFARE = re.compile(
    r"(?:\w+\s+){0,3}(?:how\s+are\s+you|how\s+do\s+you\s+do|how's\s+it\s+going|what's\s+up)(?:\s+(?:today|doing|all|there))*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^(?:danke(?:\s+(?:schön|sehr|dir))?|vielen\s+dank|tschüss|ありがとう(?:ございます|ございました)?|さようなら"
    r"|(?:many\s+)?thanks?(?:\s+(?:you|a\s+lot|so\s+much|very\s+much))*"
    r"|ok(?:ay)?|bye|goodbye|see\s+you(?:\s+\w+)?|great|cool|yes|no)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a message of the user holds.

    Attributes:
        question: The last thing asked, empty where nothing is.
        rest: Statements that come with a question.
        statements: The statements of a message that asks nothing.
        greeting: Nothing but a greeting or a phrase of courtesy.
        courtesy: That it is thanks or farewell rather than a greeting.
    """

    question: str = ""
    rest: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    greeting: bool = False
    courtesy: bool = False


def read(text: str) -> Turn:
    """Reads a message of the user."""
    labelled = list(_LABEL.finditer(text))
    if labelled:
        # A template: context first, then the question under its label.
        turn = read(text[labelled[-1].end() :])
        context = tuple(part for part in (text[: labelled[-1].start()].strip(),) if part)
        return replace(turn, rest=context + turn.rest)
    found = sentences.split(text)
    asked = [index for index, sentence in enumerate(found) if is_question(sentence)]
    told = [sentence for sentence in found if not is_courtesy(sentence)]
    if not asked:
        if not told:
            return Turn(greeting=True, courtesy=any(_THANKS.match(_bare(sentence)) for sentence in found))
        return Turn(statements=tuple(told))
    if all(_how_are_you(found[index]) for index in asked):
        return Turn(greeting=True)
    last = asked[-1]
    rest = [raw for raw in _before(text, found[last]).splitlines() if raw.strip()]
    after = [sentence for index, sentence in enumerate(found) if index > last and not is_courtesy(sentence)]
    return Turn(question=found[last], rest=("\n".join([*rest, *after]),) if rest or after else ())


def is_open(question: str) -> bool:
    """Whether a question asks for ideas rather than for one thing."""
    return bool(_OPEN.search(question))


def is_question(sentence: str) -> bool:
    """Whether a sentence asks for something."""
    body = sentence.strip().strip("\"'“”*_ ")
    return body.endswith(_MARKS) or bool(_OPENING.match(body)) or bool(_ENDING.search(body))


def is_courtesy(sentence: str) -> bool:
    """Whether a sentence is a greeting, thanks or a farewell and nothing else."""
    bare = _bare(sentence)
    return bool(_GREETING.match(bare) or _THANKS.match(bare)) or not any(character.isalnum() for character in bare)


def _bare(sentence: str) -> str:
    return re.sub(r"[!.,;:?…~。！？、،]+", " ", sentence).strip()  # noqa: RUF001 - full-width marks


def _how_are_you(sentence: str) -> bool:
    return bool(_WELFARE.fullmatch(_bare(sentence)))


def _before(text: str, question: str) -> str:
    head, found, _ = text.rpartition(question)
    return head if found else text
