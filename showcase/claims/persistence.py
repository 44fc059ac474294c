"""Claim `persistence`: what one process planted, another recalled, by way of the store and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.reading import control, counted, first_flaw, listing, pointer, session

if TYPE_CHECKING:
    from showcase.evidence import Run, Session, Verdict


class Persistence:
    """Rows recalled in session 2 that session 1 planted, an unchanged store between, an empty one empty."""

    id = "persistence"
    title = "A new process recalled what an earlier one planted"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from sessions 1 and 2 and the control on an empty store."""
        first, second = session(run, 1), session(run, 2)
        empty = control(run, "empty-store")
        parts = ((first, "session 1"), (second, "session 2"), (empty, "the control on an empty store"))
        evidence = [pointer(run, item) for item, _ in parts if item is not None]
        missing = first_flaw(run, parts)
        if missing is not None or first is None or second is None or empty is None:
            return inconclusive(self, missing or "a process did not run", evidence=evidence)
        gap = self._gap(run, first, second, empty)
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence)
        violation = self._violation(first, second, empty)
        if violation is not None:
            return broken(self, "recorded", violation, evidence=evidence)
        return self._upheld(run, first, second, evidence)

    def _gap(self, run: Run, first: Session, second: Session, empty: Session) -> str | None:
        if run.scenario is None:
            return "the log names no scenario"
        if not first.planted:
            return "session 1 planted nothing"
        if first.user_id != second.user_id or first.user_id != run.scenario.first.id:
            return "sessions 1 and 2 did not act as the same user"
        if second.recalled is None or second.listed is None:
            return "session 2 did not search and list"
        if empty.recalled is None or empty.listed is None:
            return "the control on an empty store did not search and list"
        if empty.user_id != second.user_id or not run.scenario.first.question:
            return "the control on an empty store did not ask as the same user"
        if first.store_after is None or second.store_before is None:
            return "the store between sessions 1 and 2 was not looked at"
        if not first.store_after.files:
            return "the store was empty on disk after session 1"
        return None

    def _violation(self, first: Session, second: Session, empty: Session) -> str | None:
        if first.store_after != second.store_before:
            return "the store changed between session 1's end and session 2's start"
        if empty.recalled or empty.listed:
            return (
                "the control on an empty store recalled "
                f"{counted(len(empty.recalled or empty.listed or ()), 'row')}: recall does not come from the store"
            )
        if not second.recalled:
            return f"session 2 recalled nothing of the {counted(len(first.planted), 'row')} planted"
        planted = {row.memory_id: row.text for row in first.planted}
        known = set(planted) | set(first.inventoried)
        returned = [(row.memory_id, row.text) for row in second.recalled]
        returned += [(row.memory_id, row.text) for row in second.listed or ()]
        strangers = [text for memory_id, text in returned if memory_id not in known]
        if strangers:
            return f"session 2 has rows that session 1 never planted: {listing(strangers)}"
        changed = [text for memory_id, text in returned if planted.get(memory_id, text) != text]
        if changed:
            return f"rows came back with another text: {listing(changed)}"
        lost = sorted(set(planted) - {row.memory_id for row in second.listed or ()})
        if lost:
            return f"{counted(len(lost), 'planted row')} not there any more: {listing(lost)}"
        if not any(row.memory_id in planted for row in second.recalled):
            return "session 2 recalled older rows only, none that session 1 planted"
        return None

    def _upheld(self, run: Run, first: Session, second: Session, evidence: list[str]) -> Verdict:
        reader = control(run, "unfiltered-read")
        confirmed = (
            first_flaw(run, ((reader, "the unfiltered reader"),)) is None
            and reader is not None
            and {row.memory_id for row in first.planted} <= {row.memory_id for row in reader.listed or ()}
        )
        recalled = len(second.recalled or ())
        reason = (
            f"session 2 (pid {second.pid}) recalled {counted(recalled, 'row')} of "
            f"{counted(len(first.planted), 'row')} that session 1 (pid {first.pid}) planted; "
            "an empty store recalled nothing"
        )
        limits = ["what was searched and listed is what mem0 returned inside each session"]
        if confirmed:
            limits.append("a reader of the store without mem0, in a process of its own, found the same rows")
        else:
            limits.append("no independent reader confirmed the rows")
        return upheld(
            self,
            "recorded" if confirmed else "self-reported",
            reason,
            evidence=[*evidence, pointer(run, first, "store_after"), pointer(run, second, "recalled")],
            limits=limits,
        )
