"""The headline of an audit in plain words: whom the command tried to reach, and whether anything left."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from showcase.claims.destinations import names_of_the_sink, stands_for
from showcase.claims.policy import dispositions
from showcase.claims.withheld import withheld
from showcase.evidence.addresses import numeric
from showcase.report.names import reads_as_words
from showcase.report.sentences import Part, Sentence, sentence, some
from showcase.report.text import clipped
from showcase.report.tried import tried

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run
    from showcase.report.standing import Standing

NOT_SEEN = "Whether anything left this computer could not be seen."
BEYOND = "reached, or could be reached, beyond this computer"

_SHOWN = 40


def program(run: Run, *, redacted: bool) -> Part:
    """Return the command by the name of its program; where that is withheld or empty, as the command."""
    arguments = () if run.command is None else run.command.arguments
    name = PureWindowsPath(arguments[0]).name if arguments and not redacted else ""
    return named(name) if name.strip() else Part("the command")


def named(name: str) -> Part:
    """Return a program by its name, to the letter; in quotation marks where it would be read as words."""
    return Part(clipped(name, _SHOWN), "id" if reads_as_words(name) else "exact")


def audit_words(run: Run, standing: Standing, *, redacted: bool) -> tuple[Sentence, ...]:
    """Return the sentences of an audit."""
    who = program(run, redacted=redacted)
    status = standing.status("egress")
    found = tried(run, lambda row: _who(row, who)) if status == "broken" else ()
    if found:
        return (*found, *_server(standing, open_too=False))
    if status != "upheld":
        return (sentence("inconclusive", NOT_SEEN), *_server(standing, open_too=False))
    return (*_reached(run, standing, who), *_otherwise(run))


def _who(row: Attempt, command: Part) -> Part:
    """Return the program of an attempt: the command's own name where the kernel has a longer one for it."""
    if not row.process or (command.kind and row.process.startswith(command.text)):
        return command
    return named(row.process)


def _reached(run: Run, standing: Standing, who: Part) -> tuple[Sentence, ...]:
    """Return what an upheld audit shows: nobody was contacted, this computer alone, or what was allowed."""
    judged = zip(run.connections, dispositions(run), strict=True)
    allowed = [row for row, how in judged if how.kind == "allowed"]
    seen = standing.level("egress")
    if not allowed:
        return _nobody(seen, who, _nothing_left(standing, seen))
    names = names_of_the_sink(run)
    places = list(dict.fromkeys(stands_for(row, names) or _place(row) for row in allowed))
    more = f", and {some(len(places) - 1, 'more destination')}" if len(places) > 1 else ""
    only = "reached only" if seen in ("enforced", "recorded") else "was seen to reach only"
    place = Part(clipped(places[0], 80), "id" if reads_as_words(places[0]) else "exact")
    if not all(_is_here(row) for row in allowed):
        return (sentence("upheld", f"{{}} {only} what was allowed: {{}}{more}.", who, place),)
    here = sentence("upheld", f"{{}} {only} {{}}{more}, on this computer.", who, place)
    beyond = _server(standing, open_too=True)
    if beyond:
        return (here, *beyond)
    level = standing.level("egress", *(["daemon"] if standing.judged("daemon") else []))
    return (here, _nothing_left(standing, level))


_NOTHING_LEFT = {
    "sampled": "Nothing was seen to leave this computer.",
    "self-reported": "By its own account nothing left this computer.",
}


def _nothing_left(standing: Standing, level: str) -> Sentence:
    """Return that nothing left, as far as it was seen: who came in and was told something may have passed it on."""
    if standing.open_to_others and level not in _NOTHING_LEFT:
        level = "sampled"
    return sentence("upheld", _NOTHING_LEFT.get(level, "Nothing left this computer."))


def _nobody(level: str, who: Part, nothing_left: Sentence) -> tuple[Sentence, ...]:
    contacted = "contacted nobody" if level in ("enforced", "recorded") else "was seen to contact nobody"
    return (sentence("upheld", f"{{}} {contacted}.", who), nothing_left)


def _server(standing: Standing, *, open_too: bool) -> tuple[Sentence, ...]:
    """Return what is known of the server behind an allowed port: broken, or open where that is to be said."""
    status = standing.status("daemon") if standing.judged("daemon") else "upheld"
    if status == "broken":
        return (
            sentence("broken", f"The server behind it {BEYOND}." if open_too else f"A server that it used {BEYOND}."),
        )
    if status == "inconclusive" and open_too:
        return (sentence("inconclusive", "Whether the server there passed anything on could not be seen."),)
    return ()


def _otherwise(run: Run) -> tuple[Sentence, ...]:
    return (sentence("upheld", "The seal refused it some calls, so it may have behaved otherwise."),) * bool(
        withheld(run)
    )


def _place(row: Attempt) -> str:
    if not row.address:
        return row.name or row.family
    host = f"[{row.address}]" if ":" in row.address else row.address
    return row.name or (host if row.port is None else f"{host}:{row.port}")


def _is_here(row: Attempt) -> bool:
    """Return whether an attempt was for an address of this machine; a name or a path leads nobody knows where."""
    address = numeric(row.address) or numeric(row.name)
    return row.family != "unix" and address is not None and address.is_loopback
