"""The file by which a change of a store is decided: there whole or not at all, carried out by whoever comes next."""

from __future__ import annotations

import json
import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from showcase.documents import regular_file, strict_json
from showcase.documents.destination import Destination, UnwritableError
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST_BYTES = 64 * 1024 * 1024

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFile(Generic[F]):
    """One kind of such files.

    Attributes:
        format: What its document says that it is.
        version: Of the document.
        decides: The class of what is decided.
        what: How the change is called, such as “a conversion of the store”.
    """

    format: str
    version: int
    decides: type[F]
    what: str

    def write(self, path: Path, decision: F) -> None:
        """Write a decision. Until it is written whole, nothing is decided.

        Raises:
            StoreError: It cannot be written.
        """
        document = {"format": self.format, "version": self.version, **asdict(decision)}  # type: ignore[call-overload]  # every fact is a dataclass
        try:
            destination = Destination(path)
            try:
                destination.write(json.dumps(document).encode() + b"\n")
            finally:
                destination.close()
        except UnwritableError as error:
            raise StoreError(error.message, hint=error.hint) from error

    def read(self, path: Path, root: Path) -> F | None:
        """Return what is decided and not carried out yet, None where nothing is.

        Args:
            path: The file.
            root: The store.

        Raises:
            StoreError: It cannot be read, or another user wrote it.
        """
        try:
            data = regular_file.read(path, limit=_MOST_BYTES, own=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read: {error.strerror or error}", hint=f"see why: {here().who_may(path)}"
            ) from error
        from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy

        try:
            document = strict_json.parse(data)
            if not isinstance(document, dict) or (document.pop("format", 0), document.pop("version", 0)) != (
                self.format,
                self.version,
            ):
                raise ValueError("it is none that this version knows")  # noqa: TRY301 - one place says what it is not
            return TypeAdapter(self.decides).validate_json(json.dumps(document))
        except (ValidationError, ValueError) as error:
            raise self.unknown(path, root) from error

    def unknown(self, path: Path, root: Path) -> StoreError:
        """Return what is said of a file that decides nothing which could be carried out."""
        return StoreError(
            f"{self.what} {root} was decided, and {path} does not say which",
            hint="finish it with the version of this program that began it; or, if nobody did, "
            f"{here().move(path, f'{path}-aside')}",
        )

    def check_own(self, directories: Iterable[Path], root: Path) -> None:
        """Refuse to carry out a decision that was put there: to touch what lies elsewhere, or is somebody else's.

        Args:
            directories: Those that are touched.
            root: The store.

        Raises:
            StoreError: One is not there, a link, no directory, or another user's.
        """
        for directory in directories:
            try:
                seen = directory.lstat()
                if not stat.S_ISDIR(seen.st_mode):
                    raise NotADirectoryError(None, "it is no directory of its own")
                regular_file.check_own(seen)
            except OSError as error:  # noqa: PERF203 - four of them at most
                raise StoreError(
                    f"{self.what} {root} is unfinished, and is not finished here: {directory}: "
                    f"{error.strerror or error}",
                    hint=f"see whose it is: {here().who_may(directory)}",
                ) from error
