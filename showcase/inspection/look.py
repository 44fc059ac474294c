"""One look at a store: its files, then its databases, each as far as it can be read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from showcase.documents.surrogates import escaped
from showcase.errors import StoreError, UsageError
from showcase.inspection.chroma import Folders, chroma
from showcase.inspection.facts import Inspection, Unseen
from showcase.inspection.files import Walk, below, parents
from showcase.inspection.header import NoDatabaseError, UnreadError, on_disk
from showcase.inspection.history import history
from showcase.inspection.limits import Clock
from showcase.inspection.opening import reading
from showcase.inspection.remarks import remarks
from showcase.inspection.remembered import remembered
from showcase.memory.store_files import HISTORY
from showcase.settings.store_place import DATABASE, StorePlace, store_place
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    from showcase.inspection.facts import Database, Parent
    from showcase.inspection.held import History
    from showcase.inspection.questions import Reader

    _T = TypeVar("_T")

_BEFORE_SQLITE = "chroma-embeddings.parquet"
"""What Chroma before 0.4 kept its rows in."""


def place_of(named: Path) -> StorePlace:
    """Return the place of a store that somebody named by its directory, Chroma's, or Chroma's database.

    Raises:
        UsageError: There is no store.
        StoreError: It cannot be looked at.
    """
    try:
        seen = named.stat()
        if stat.S_ISREG(seen.st_mode) and named.name == DATABASE:
            return store_place(named.parent)
        if not stat.S_ISDIR(seen.st_mode):
            raise UsageError(
                f"{named} is no store: it is no directory, and not called {DATABASE}",
                hint="name the store's directory, or Chroma's, or its chroma.sqlite3",
            )
        os.scandir(named).close()
    except FileNotFoundError as error:
        raise UsageError(f"there is no store at {named}", hint=_name_another(named)) from error
    except ValueError as error:  # a name that no file can have
        raise UsageError(f"{str(named)!r} names no store: {error}", hint="name the store's directory") from error
    except OSError as error:
        raise StoreError(
            f"cannot look at {named}: {error.strerror}", hint=f"see who may: {here().who_may(named)}"
        ) from error
    place = store_place(named)
    _check(place)
    return place


def inspect(place: StorePlace, *, any_length: bool = False) -> Inspection:
    """Look at a store, and change nothing.

    What SQLite may take is bounded by the value and by the page; `opening.bound_heap` bounds it as a whole.

    Args:
        place: Where it is.
        any_length: Whether a database that can only be read in a copy is copied however large it is.

    Raises:
        UsageError: What is there is no store that this program knows.
    """
    return escaped(_Look(place=place, any_length=any_length).look())


def _check(place: StorePlace) -> None:
    """Refuse a directory in which no database is, or can be."""
    try:
        if place.chroma != place.root and stat.S_ISLNK(place.chroma.lstat().st_mode):
            raise UsageError(
                f"{place.chroma} is a link, and none is followed inside a store",
                hint=f"name what it leads to: showcase inspect DIR; see what that is: {here().target_of(place.chroma)}",
            )
        (place.chroma / DATABASE).lstat()
    except FileNotFoundError as error:
        for directory in (place.root, place.chroma):
            if os.path.lexists(directory / _BEFORE_SQLITE):
                raise UsageError(
                    f"{directory} is of a Chroma before 0.4 ({_BEFORE_SQLITE}), which is not read here",
                    hint="it is left as it is; Chroma's own tool chroma-migrate turns a copy of it into one of 0.4",
                ) from error
        raise UsageError(
            f"{place.root} is no store: neither {DATABASE} is in it nor {place.chroma.name}/{DATABASE}",
            hint=_name_another(place.root),
        ) from error
    except OSError:
        return  # it is there, and what cannot be seen of it is told with the rest


def _name_another(named: Path) -> str:
    listed = here().listing(named if os.path.lexists(named) else named.parent)
    return f"name the directory of a store: showcase inspect DIR; see what is there: {listed}"


@dataclass(slots=True, kw_only=True)
class _Look:
    place: StorePlace
    any_length: bool
    clock: Clock = field(default_factory=Clock)
    unseen: list[Unseen] = field(default_factory=list)

    def look(self) -> Inspection:
        place = self.place
        looked_at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        above = self._parents()
        walk = Walk(place.root, place.chroma, self.clock)
        own = place.chroma == place.root
        places = [place.root] if own else [place.chroma, place.home]
        files = walk.files(places, passable=all(each.others_may_enter for each in above or ()) and above is not None)
        self.unseen += walk.unseen
        folders = Folders(sizes=walk.sizes, with_ids=frozenset(walk.with_ids), whole=walk.whole)
        path = place.chroma / DATABASE
        database, held = self._database(path, lambda reader: chroma(reader, folders, self.unseen))
        history_database, told = self._history()
        model, not_remembered = remembered(place.home)
        found = Inspection(
            root=str(place.root),
            chroma_directory=str(place.chroma),
            home_directory=str(place.home),
            looked_at=looked_at,
            files=files,
            parents=above,
            remembered=model,
            not_remembered=not_remembered,
            database=database,
            chroma=held,
            history_database=history_database,
            history=told,
            remarks=(),
            unseen=tuple(self.unseen),
        )
        return replace(found, remarks=remarks(found))

    def _history(self) -> tuple[Database | None, History | None]:
        kept = self.place.home / HISTORY
        if self.place.home.is_symlink():
            self._miss("mem0's history", UnreadError(f"{self.place.home.name} is a link, and none is followed"))
        elif os.path.lexists(kept):
            return self._database(kept, lambda reader: history(reader, self.unseen), has_to_be=False)
        return None, None

    def _parents(self) -> tuple[Parent, ...] | None:
        try:
            return parents(self.place.root)
        except OSError as error:
            self.unseen.append(Unseen(what="the directories above", why=error.strerror or str(error)))
            return None

    def _database(
        self, path: Path, ask: Callable[[Reader], _T], *, has_to_be: bool = True
    ) -> tuple[Database | None, _T | None]:
        """Return a database as a file, and what is asked of it; each None where it could not be had.

        Raises:
            UsageError: It has to be a database, and is none.
        """
        facts, shown = None, below(path, self.place.root)
        copy = f"showcase inspect --copy {quoted(self.place.named)}"
        try:
            found = on_disk(path, shown)
            facts = found.facts
            with reading(found, self.clock, copy=copy, any_length=self.any_length) as (reader, facts_read):
                facts = facts_read
                return facts, ask(reader)
        except NoDatabaseError as error:
            if has_to_be:
                raise UsageError(
                    f"{path} is no store of Chroma's: {error.why}", hint=f"see what it is: {here().kind_of(path)}"
                ) from error
            self._miss(f"the tables of {shown}", error)
        except UnreadError as error:
            if facts is not None and error.cut_off:
                facts = replace(facts, unfinished=True)
            self._miss(f"the tables of {shown}", error)
        return facts, None

    def _miss(self, what: str, error: UnreadError) -> None:
        self.unseen.append(Unseen(what=what, why=error.why, fix=error.fix))
