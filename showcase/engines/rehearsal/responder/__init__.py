"""What the rehearsal model says: quotes of its prompt, nothing else.

`facts` finds what the prompt states, `questions` what is asked, `relevance` which facts bear on it, `wording` says
them; of other languages than English `nearest` finds the facts, and `frames` has the words around them. `extraction`
answers mem0's extraction prompt.
"""

from __future__ import annotations

from showcase.engines.rehearsal.responder.extraction import extract
from showcase.engines.rehearsal.responder.replies import reply

__all__ = ["extract", "reply"]
