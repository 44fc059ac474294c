"""The store of a run: whose it is, that nothing of somebody else's is emptied, and what is said of it in the log."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.audit.rules import resolved
from showcase.errors import ShowcaseError, StoreError, UsageError
from showcase.evidence import Endpoint, Policy, Rule, Store
from showcase.evidence.store import CALLED
from showcase.memory import row_state, store_state
from showcase.memory.run_mark import entities_of, why_entities_stay, why_not_emptied
from showcase.memory.store_record import path_of
from showcase.orchestrator import output_directory
from showcase.settings import MEM0_HOME, STORE, store_secret
from showcase.settings.store_address import ALLOW, OF_A_RUN
from showcase.settings.store_place import StorePlace, place_of
from showcase.shell.advice import run_command
from showcase.stores import private_place
from showcase.stores.engines import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Run, StoreState
    from showcase.settings import Settings
    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Table

_EMPTY = "_empty"
_LONGEST = 63 - len(_EMPTY)


def check(settings: Settings) -> None:
    """Refuse what cannot be run on the store that is asked for; nothing is touched.

    Raises:
        UsageError: It is not on this machine and was not allowed, or somebody is to be forgotten in it.
    """
    address = settings.address
    if address is None:
        return
    if not address.is_here and not settings.allow_store:
        how = "over TLS" if address.tls else "NOT encrypted on the way"
        raise UsageError(
            f"the store {address.url(OF_A_RUN)} is not on this machine: memories would go to {address.where}, {how}",
            hint=f"where that is meant: the same command with {ALLOW}",
        )
    if settings.forget is not None:
        raise UsageError(
            "--forget proves that nothing is left by reading every byte of an embedded Chroma; a store of "
            f"{address.kind} keeps its bytes where a run does not look: logs, old rows, other copies",
            hint="leave --store out, or name a directory: --store DIR",
        )


@contextmanager
def claimed(settings: Settings, out: Path) -> Iterator[StoreUnderTest]:
    """Make the store ours for as long as the run lasts, and yield it.

    Raises:
        StoreError: It holds memories of others and would be emptied, or it cannot be used.
        UsageError: The engine's library is not installed, or its password cannot be read.
    """
    wipes = not settings.keep_store and settings.phase in (None, 1)
    named = settings.under_test
    if named is None:
        yield StoreUnderTest(place=StorePlace(root=out, chroma=out / STORE, home=out / MEM0_HOME), is_named=False)
        return
    address = settings.address
    if address is not None and address.path is None:
        place = StorePlace(root=out, chroma=out / STORE, home=out / MEM0_HOME, address=address)
        store = StoreUnderTest(place=place, secret=store_secret.find(os.environ))
        store.meet(settings, wipes=wipes)
        yield store
        return
    place = place_of(named)
    if address is not None:  # the sessions look again, and within a seal they cannot see whose all of it is
        private_place.checked(place.root)
    if place.root.resolve() == out.resolve():  # claimed already
        yield StoreUnderTest(place=place)
        return
    is_ours = (place.root / output_directory.MARK).is_file()
    if not wipes and not is_ours:
        yield StoreUnderTest(place=place)
        return
    keep = f"plant beside them: {run_command(settings, keep_store=True)}; or name another: --store DIR"
    if not is_ours and (place.chroma.exists() or path_of(place).exists()):
        raise StoreError(f"the store {place.named} holds memories of others, and a run would empty it", hint=keep)
    with ExitStack() as held:
        try:
            held.enter_context(output_directory.claim(place.root))
        except StoreError as error:
            raise StoreError(error.message, hint=keep) from error
        yield StoreUnderTest(place=place_of(named))


@dataclass(slots=True, kw_only=True)
class StoreUnderTest:
    """Where it is, and what can be asked of it from beside the sessions.

    Attributes:
        place: Where its parts are.
        secret: Password or key of its server, None where there is none.
        is_named: Whether it was named; the one in the output directory is not.
    """

    place: StorePlace
    secret: str | None = None
    is_named: bool = True
    _version: str = ""
    _rule: Rule | None = None

    @property
    def address(self) -> StoreAddress | None:
        """Its URL, None for a directory with an embedded Chroma."""
        return self.place.address

    @property
    def server(self) -> StoreAddress | None:
        """The address of its server, None where it has none: it runs in the processes that open it."""
        return None if self.address is None or self.address.path is not None else self.address

    @property
    def endpoint(self) -> Endpoint | None:
        """Where its server listens on this machine, None where none does."""
        return self.server.endpoint if self.server is not None and self.server.is_here else None

    @property
    def called(self) -> str:
        """What it is called in a sentence."""
        return str(self.place.chroma) if self.server is None else f"{self.server.collection} at {self.server.where}"

    @property
    def described(self) -> str:
        """What it is, where it is, and which collection of it is used, for the terminal."""
        if self.server is None:
            kind = "Chroma" if self.address is None else CALLED[self.address.kind]
            return f"{kind} in {self.place.chroma}, opened by each session itself"
        return f"{self._version} at {self.server.where}, collection {self.server.collection}"

    @property
    def empty(self) -> str:
        """Name of the collection for the control, in which nothing is ever planted."""
        name = self.address.collection if self.address else ""
        return f"{name[:_LONGEST]}{_EMPTY if name != f'{name[:_LONGEST]}{_EMPTY}' else '_blank'}"

    def meet(self, settings: Settings, *, wipes: bool) -> None:
        """Look whether the server answers and whether what would be emptied is a run's.

        Raises:
            StoreError: It does not answer, or holds memories of others.
        """
        self._version = self._asked()
        self._rule = self._resolved()
        names = [self.empty] if self.address is not None and not wipes else [None, self.empty]
        for name in names:
            with closing(self.table(name)) as rows:
                if not rows.exists():
                    continue
                keep = f"plant beside them: {run_command(settings, keep_store=True)}; or " if name is None else ""
                _check_ours(rows, why_not_emptied(rows), keep)
                second = entities_of(rows.address)
                if second is not None:
                    with closing(self.table(second)) as entities:
                        _check_ours(entities, why_entities_stay(entities, rows), "")

    def table(self, collection: str | None = None) -> Table:
        """Return its rows, or those of another collection of its server."""
        return table(self.place, self.secret, collection=collection)

    def without_rows(self, chroma: Path, home: Path) -> StorePlace:
        """Return the place of another store of the same engine, in which nothing was ever planted.

        Args:
            chroma: Where it may keep its files, where it has any here.
            home: mem0's own directory beside it.
        """
        if self.address is None or self.server is not None:
            address = None if self.server is None else self.server.of_collection(self.empty)
            return StorePlace(root=chroma.parent, chroma=chroma, home=home, address=address)
        return replace(place_of(replace(self.address, path=chroma)), home=home)

    def handed_over(self) -> dict[str, str]:
        """Return what the environment of a process holds that opens it: a password is in no argument and no order."""
        return {} if self.secret is None else {store_secret.SECRET: self.secret}

    def is_that_of(self, log: Run) -> bool:
        """Tell whether an earlier phase used this store, as far as its log tells."""
        now = self.fact()
        named = [each and (each.kind, each.host, each.port, each.collection) for each in (log.store, now)]
        return named[0] == named[1]

    def look(self) -> StoreState | None:
        """Return its state: by its files, or, of a server's, by its rows."""
        return store_state.look(self.place.chroma) if self.server is None else row_state.look(self.table())

    def policy(self, engine: Endpoint | None) -> Policy:
        """Return where connections of a run may go: to its model server, and to this store's."""
        here = [each for each in (engine, self.endpoint) if each is not None]
        rule = self._rule if self.server is not None and self.endpoint is None else None
        return Policy(allowed=tuple(dict.fromkeys(here)), rules=() if rule is None else (rule,))

    def fact(self) -> Store | None:
        """Return what the log says of it, None where it was not named."""
        if not self.is_named:
            return None
        address, server = self.address, self.server
        if server is not None:
            with suppress(ShowcaseError):  # it may be gone by now, and said what it is before
                self._version = self._asked()
            self._rule = self._resolved()
        return Store(
            kind="chroma" if address is None else address.kind,
            host="" if server is None else server.host,
            port=0 if server is None else server.port,
            tls=server is not None and server.tls,
            version=self._version,
            collection="mem0" if address is None else address.collection,
            addresses=() if self._rule is None else self._rule.addresses,
        )

    def clear(self) -> str | None:
        """Remove the control's collection, which nobody needs any more; return why it stays, None where it is gone."""
        if self.server is None:
            return None
        try:
            with closing(self.table(self.empty)) as rows:
                if rows.exists() and why_not_emptied(rows) is None:
                    rows.drop()
        except StoreError as error:
            return f"the control's collection {self.empty} stays behind, until the next run: {error.message}"
        return None

    def _asked(self) -> str:
        with closing(self.table()) as rows:
            return rows.version()

    def _resolved(self) -> Rule | None:
        """Return the rule that allows its server, with what its name leads to now and led to before."""
        if self.server is None:
            return None
        rule = self._rule or Rule(host=self.server.host, port=self.server.port)
        return resolved((rule,))[0]


def _check_ours(rows: Table, why: str | None, keep: str) -> None:
    if why is not None:
        raise StoreError(
            f"the collection {rows.address.collection} of {rows.address.where} holds memories of others: {why}, and "
            "this one would empty it",
            hint=f"{keep}take another collection: --store with ?collection=OTHER",
        )
