"""Memory for a model, and whether a run may write, and space on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import shell
from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.documents import umask
from showcase.engines.models.ladder import REHEARSAL
from showcase.engines.models.sizes import GIB, MIB, show_size
from showcase.engines.models.survey import plan_here
from showcase.memory.store_files import DATABASE
from showcase.processes import open_files
from showcase.shell.advice import another_directory, quoted, takes_files

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED_BYTES = 100 * MIB
"""A run of the default scenario writes 2 MB; Chroma wants room to work."""

COMFORTABLE_BYTES = GIB


def memory(circumstances: Circumstances) -> Iterator[Finding]:
    """Look which chat model fits."""
    plan = plan_here(None if circumstances.settings.ollama_refused else circumstances.settings.ollama)
    free = f"{show_size(plan.free_bytes)} free ({plan.free_source})"
    if plan.rung is None or plan.chosen == REHEARSAL:
        yield warning("memory", f"{free}: no rung fits, runs use the rehearsal engine", "showcase models plan")
        return
    said = f"{free}: {plan.chosen} fits with num_ctx {plan.rung.need.num_ctx}"
    if plan.rung.extraction:
        yield ok("memory", said)
    else:
        yield warning("memory", f"{said}, where extraction (--infer) does not work", "showcase models plan")


def directory(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether a run could use its output directory: ours, and one that takes files."""
    from showcase.orchestrator.output_directory import obstacle  # noqa: PLC0415 - heavy

    out = circumstances.settings.out
    found = obstacle(out)
    if found is None:
        yield ok("directory", f"a run may write in {out}")
    else:
        # A store that was brought from elsewhere may be looked at, and is not what a run would be made into.
        brought = (circumstances.settings.store / DATABASE).is_file() and takes_files(out)
        fix = f"choose another directory: showcase run --out {quoted(another_directory(out))}"
        yield (warning if brought else problem)("directory", found.message, fix)


def access(circumstances: Circumstances) -> Iterator[Finding]:
    """Look who can read what a run leaves, its memories in clear text among it."""
    from showcase.orchestrator.output_directory import readers  # noqa: PLC0415 - heavy

    out = circumstances.settings.out
    if not circumstances.settings.store.is_dir():
        yield ok("access", f"{out} holds no store; a run makes it for its owner alone, and says where that cannot be")
        return
    found = readers(out.resolve())
    if not found.told():
        yield ok("access", f"nobody can read {out} but its owner, and who administers this machine")
        return
    look = shell.here().who_may(out) if found.unknown else shell.here().only_for_its_owner(out)
    yield warning("access", f"{out} holds memories, and {found.told()}", look)


def disk(circumstances: Circumstances) -> Iterator[Finding]:
    """Look at the space where a run writes."""
    place = nearest_directory(circumstances.settings.out)
    free = shutil.disk_usage(place).free
    said = f"{show_size(free)} free for {circumstances.settings.out}"
    fix = f"see what fills it: {shell.here().free_space(place)}; or choose another place: showcase run --out DIR"
    if free < NEEDED_BYTES:
        yield problem("disk", said, fix)
    elif free < COMFORTABLE_BYTES:
        yield warning("disk", said, fix)
    else:
        yield ok("disk", said)
    temporary = circumstances.environ.get("TMPDIR")
    if temporary and (left := _free(temporary)) is not None and left < NEEDED_BYTES:
        said = f"{show_size(left)} free for temporary files in {temporary}"
        see = f"see what fills it: {shell.here().free_space(Path(temporary))}"
        yield problem("disk", said, f"{see}; or name another directory in TMPDIR")


def _free(directory: str) -> int | None:
    """Return how many bytes are free, None where there is no such directory: then nobody uses it."""
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return None


def file_mode(_: Circumstances) -> Iterator[Finding]:
    """Look whether what is made here may be used by who makes it."""
    found = umask.obstacle()
    if found is None:
        yield ok("umask", "new files are their owner's to use")
    else:
        yield problem("umask", found.message, found.hint)


def files(_: Circumstances) -> Iterator[Finding]:
    """Look how many files a process of a run may have open."""
    found, allowed = open_files.flaw(open_files.OF_A_RUN), open_files.limits()
    if found is not None:
        yield problem("files", *found)
    elif allowed is not None:
        yield ok("files", f"a process may have {allowed[0]} files open, and {open_files.OF_A_RUN} are needed")


def nearest_directory(path: Path) -> Path:
    """Return `path` or the nearest directory above it that is there."""
    path = path.absolute()
    return next(directory for directory in (path, *path.parents) if directory.is_dir())
