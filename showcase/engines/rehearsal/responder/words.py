"""Word lists of English that the relevance of facts rests on."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP = _words(
    """
    a an the and or but if so of in on at to for from with by as into about is am are was were be been being do
    does did done have has had having i me my mine myself we us our ours you your yours he him his she her hers it
    its they them their this that these those there here what which who whom whose when where why how can could
    will would shall should may might must not no nor any some such than too very just again also please tell
    remind know remember recall said say told ever s t re ve ll d m something somewhere someone anything get got
    give idea ideas suggest suggestion suggestions recommend recommendation recommendations tip tips advice
    thought thoughts thing things user let
    """
)
"""Say nothing about the subject of a sentence."""

WEAK = _words(
    """
    favourite favorite like love prefer enjoy best most good kind type sort day time name called want need use own
    many much often long happen happened start make right bad
    """
)
"""Say what is wanted of a subject rather than which subject."""

PASSING = _words("tonight today tomorrow now weekend evening morning afternoon week again")
"""Say for when an answer is wanted, not what about."""
