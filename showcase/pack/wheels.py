"""The wheels of a stick: what is there already, what a registry has to give, and what each machine installs of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import leftovers
from showcase.errors import ShowcaseError
from showcase.pack import pip_process, wheel_file
from showcase.pack.pip_process import NoWheelError
from showcase.pack.platforms import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PIP = "pip"
"""On the stick as well: Debian's Python makes environments without one where python3-venv is missing."""

_AT_ONCE = 4
_TEMPORARY = "showcase-pack-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was found for all machines.

    Attributes:
        by_target: Names of the wheels that each installs.
        places: Where each wheel lies now.
    """

    by_target: Mapping[Target, frozenset[str]]
    places: Mapping[str, Path]


def wanted(own: Path, extras: Sequence[str]) -> list[str]:
    """Return what is installed: this program by its file, never by a name that anybody could publish, and pip."""
    return [f"{own}[{','.join(extras)}]" if extras else str(own), PIP]


def resolved(
    targets: Sequence[Target], requirements: Sequence[str], wheels: Path
) -> dict[Target, frozenset[str] | str]:
    """Return which wheels of a directory each machine installs, as its own pip would choose them, without a registry.

    The directory may be of a stick that anybody wrote: pip is given its wheels alone, because of a page among them it
    would follow the links, and none where one names an address.

    Args:
        targets: The machines.
        requirements: What is installed.
        wheels: The directory.

    Returns:
        Their names; of a machine for which something is missing, what.
    """

    def one(target: Target) -> frozenset[str] | str:
        with leftovers.temporary(_TEMPORARY) as place:
            try:
                pip_process.download(target, requirements, place, only_from=pool)
            except NoWheelError as error:
                return str(error)
            return frozenset(each.name for each in place.glob("*.whl"))

    with leftovers.temporary(_TEMPORARY) as pool:
        try:
            for wheel in _wheels(wheels):
                wheel_file.check_alone(wheel)
                _beside(wheel, pool / wheel.name)
        except ShowcaseError as error:
            return dict.fromkeys(targets, error.message)
        return dict(zip(targets, _each(one, targets), strict=True))


def _wheels(directory: Path) -> list[Path]:
    """Return the wheels of a directory, without what macOS puts beside each."""
    return [path for path in sorted(directory.glob("*.whl")) if path.is_file() and not path.name.startswith("._")]


def gather(
    targets: Sequence[Target],
    own: Path,
    extras: Sequence[str],
    *,
    there: Sequence[Path],
    into: Path,
    say: Callable[[str], None],
) -> Gathered:
    """Find the wheels of every machine: those that a stick has already, and of a registry what it lacks.

    Args:
        targets: The machines.
        own: The wheel of this program.
        extras: What it is installed with.
        there: The wheels of the stick, of an earlier time.
        into: A directory for those that are new.
        say: Told what goes on; before a registry is asked above all.

    Raises:
        ShowcaseError: A machine lacks one, and which; or the registry did not answer.
    """
    pool = into / "pool"
    pool.mkdir()
    for wheel in (*(each for each in there if each.name != own.name), own):
        _beside(wheel, pool / wheel.name)
    wheel_file.check_alone(own)
    requirements = wanted(own, extras)
    known = resolved(targets, requirements, pool) if there else {}
    lacking = [target for target in targets if not isinstance(known.get(target), frozenset)]
    if lacking:
        say(
            "The package registry that pip is set to is asked for wheels, and told their names and versions: for "
            f"{', '.join(map(str, lacking))}."
        )
        _download(lacking, requirements, into, pool, say)
        known = resolved(targets, requirements, pool)
    missing = {target: found for target, found in known.items() if isinstance(found, str)}
    if missing:
        raise _without(missing, among=len(targets))
    by_target = {target: found for target, found in known.items() if isinstance(found, frozenset)}
    names = frozenset[str]().union(*by_target.values())
    return Gathered(by_target=by_target, places={name: (pool / name).resolve() for name in names})


def _download(
    targets: Sequence[Target], requirements: Sequence[str], into: Path, pool: Path, say: Callable[[str], None]
) -> None:
    def one(numbered: tuple[int, Target]) -> str | None:
        number, target = numbered
        place = into / f"target-{number}"
        place.mkdir()
        try:
            pip_process.download(target, requirements, place)
        except NoWheelError as error:
            say(f"{target}: {error}")
            return str(error)
        say(f"{target}: {sum(1 for _ in place.iterdir())} wheels")
        return None

    failures = dict(zip(targets, _each(one, list(enumerate(targets))), strict=True))
    missing = {target: why for target, why in failures.items() if why is not None}
    if missing:
        raise _without(missing, among=len(targets))
    for number in range(len(targets)):
        for wheel in (into / f"target-{number}").glob("*.whl"):
            wheel.replace(pool / wheel.name)
        shutil.rmtree(into / f"target-{number}")


def _each(one: Callable[..., object], of: Sequence[object]) -> list:  # type: ignore[type-arg]  # what `one` returns
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, of))


def _beside(wheel: Path, to: Path) -> None:
    """Let a wheel be found in another directory too; it is copied where there are no links."""
    try:
        to.symlink_to(wheel.absolute())
    except OSError:
        shutil.copyfile(wheel, to)


def _without(missing: Mapping[Target, str], *, among: int) -> ShowcaseError:
    """Return what is said of machines for which there is no wheel; nothing was written then."""
    said = "; ".join(f"{target}: {why}" for target, why in missing.items())
    hint = " ".join(f"--without {target.typed}" for target in missing)
    return ShowcaseError(
        f"not everything can be had as a wheel, and nothing was written: {said}",
        hint=f"the same command with {hint}" if len(missing) < among else "ask for another platform or Python",
    )
