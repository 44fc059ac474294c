"""Claim `isolation`: the second user sees none of the first user's rows, although they are there to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import control, counted, first_flaw, listing, pointer, session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Session, Verdict


class Isolation:
    """Nothing of the first user in the second's search, list, prompt or reply; own rows recalled."""

    id = "isolation"
    title = "The second user saw none of the first user's memories"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from sessions 1 and 3 and the reader without a user filter."""
        first, third = session(run, 1), session(run, 3)
        reader = control(run, "unfiltered-read")
        parts = ((first, "session 1"), (third, "session 3"), (reader, "the reader without a user filter"))
        evidence = [pointer(run, item) for item, _ in parts if item is not None]
        if first is not None and third is not None and (first.planted or first.inventoried):
            leaks = list(self._leaks(run, first, third))
            if leaks:
                return broken(
                    self,
                    "recorded",
                    f"session 3 acted as {third.user_id!r} and got what {first.user_id!r} planted: {leaks[0]}",
                    evidence=evidence,
                )
        missing = first_flaw(run, parts)
        if missing is not None or first is None or third is None or reader is None:
            return inconclusive(self, missing or "a process did not run", evidence=evidence)
        gap = self._gap(run, first, third, reader)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence)
        theirs = len(first.planted)
        return upheld(
            self,
            "recorded",
            f"{third.user_id!r} recalled {counted(len(third.recalled or ()), 'row')} of their own and none of the "
            f"{counted(theirs, 'row')} of {first.user_id!r}, which a reader without the user filter did find",
            evidence=[*evidence, pointer(run, third, "recalled"), pointer(run, reader, "listed")],
            limits=(
                "mem0 filters by user when it reads: whoever can read the store's files can read everybody's rows",
                "shown for this question and these rows; a reply could still paraphrase what it never got",
            ),
        )

    def _leaks(self, run: Run, first: Session, third: Session) -> Iterator[str]:
        ids = {row.memory_id for row in first.planted} | set(first.inventoried)
        searched = [(row.memory_id, row.text, row.user_id) for row in third.recalled or ()]
        listed = [(row.memory_id, row.text, row.user_id) for row in third.listed or ()]
        for what, rows in (("search", searched), ("list", listed)):
            foreign = [
                text
                for memory_id, text, user_id in rows
                if memory_id in ids or (user_id is not None and user_id != third.user_id)
            ]
            if foreign:
                yield f"in the {what}: {listing(foreign)}"
        texts = {row.text for row in first.planted}
        own = ""
        if run.scenario is not None:
            own = " ".join((*run.scenario.second.memories, run.scenario.second.question))
            texts |= set(run.scenario.first.memories)
        secrets = [text for text in sorted(texts) if text.strip() and text not in own]
        prompt = "\n".join(message.content for message in third.messages)
        for what, text in (("prompt", prompt), ("reply", third.reply.text if third.reply else "")):
            found = [secret for secret in secrets if secret in text]
            if found:
                yield f"in the {what}: {listing(found)}"

    def _gap(self, run: Run, first: Session, third: Session, reader: Session) -> str | None:
        if run.scenario is None:
            return "the log names no scenario"
        if not first.planted:
            return "session 1 planted nothing"
        if third.user_id != run.scenario.second.id or first.user_id != run.scenario.first.id:
            return "the sessions did not act as the users of the scenario"
        if not third.planted:
            return "session 3 planted nothing of its own"
        if third.recalled is None or third.listed is None:
            return "session 3 did not search and list"
        mine = {row.memory_id for row in third.planted}
        if not mine & {row.memory_id for row in third.recalled}:
            return f"{third.user_id!r} did not even recall a row of their own: the search proves nothing"
        if not third.messages or third.reply is None or third.reply.done_reason is None:
            return "session 3 got no whole reply"
        found = {row.memory_id for row in reader.listed or () if row.user_id == first.user_id}
        if not {row.memory_id for row in first.planted} <= found:
            return "the reader without a user filter did not find the first user's rows: nothing was there to isolate"
        return None
