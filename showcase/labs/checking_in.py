"""The first five minutes of a class: what a machine has, and what came of a first run on it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase import __version__
from showcase.errors import RunLogError, ShowcaseError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Run

RUN = "check-in"
LIMIT_S = 900.0
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """What is read aloud.

    Attributes:
        program: The version of this program.
        python: Of Python.
        system: And its release and processor.
        free_gib: Memory that is free, in GiB.
        total_gib: Memory that the machine has, in GiB.
        engine: Which server answered, with its chat model; None: there was no run log.
        sealed: Whether the sessions were sealed.
        verdict: `upheld`, `broken` or `inconclusive`; None: there was no run log.
        claims: How many claims there are.
        not_upheld: The names of those that are not upheld.
        took_s: For how long the run went on, in seconds.
        trouble: The last line of a run that left no log.
        exit_code: Of the run.
    """

    program: str
    python: str
    system: str
    free_gib: float
    total_gib: float
    engine: str | None = None
    sealed: bool | None = None
    verdict: str | None = None
    claims: int = 0
    not_upheld: tuple[str, ...] = ()
    took_s: float | None = None
    trouble: str | None = None
    exit_code: int

    def line(self, name: str | None) -> str:
        """Return all of it on one line, short enough to be read aloud."""
        parts = [
            f"showcase {self.program}",
            f"Python {self.python}",
            self.system,
            f"{self.free_gib:.1f} of {self.total_gib:.1f} GiB free",
        ]
        if self.verdict is None:
            parts.append(f"no run: {self.trouble or 'it left no log'}")
        else:
            left = f", not {', '.join(self.not_upheld)}" if self.not_upheld else ""
            parts += [self.engine or "no engine", "sealed" if self.sealed else "not sealed"]
            parts.append(
                f"{self.claims - len(self.not_upheld)} of {self.claims} claims upheld in {self.took_s:.0f} s{left}"
            )
        return f"{name}: {', '.join(parts)}" if name else ", ".join(parts)


def check_in(root: Path, *, engine: str) -> CheckIn:
    """Run the three sessions once, as anybody would, and return what is to be read aloud.

    Args:
        root: The participant's directory; the run lies below it.
        engine: Which model server, as of `showcase run`.

    Raises:
        ShowcaseError: The run took a quarter of an hour.
    """
    from showcase.labs import programs  # noqa: PLC0415 - `--help` must not wait

    out = root / RUN
    before = _modified(out)
    ran = programs.run(
        (
            programs.PYTHON,
            "-m",
            "showcase",
            "run",
            "--engine",
            engine,
            "--no-drill",
            "--plain",
            "--out",
            str(out.absolute()),
        ),
        programs.own(),
        root,
        timeout_s=LIMIT_S,
    )
    if ran.status is None:
        raise ShowcaseError(
            f"the first run was not over after {LIMIT_S:.0f} s", hint="showcase lab check-in --engine rehearsal"
        )
    run = None if _modified(out) == before else _read(out)
    return _told(run, exit_code=ran.status, trouble=ran.trouble)


def _modified(out: Path) -> int | None:
    try:
        return (out / "run-log.json").stat().st_mtime_ns
    except OSError:
        return None


def _read(out: Path) -> Run | None:
    from showcase import runlog  # noqa: PLC0415 - as above

    try:
        return runlog.read(out / "run-log.json", files_only=True)
    except RunLogError:
        return None


def _told(run: Run | None, *, exit_code: int, trouble: str) -> CheckIn:
    import psutil  # noqa: PLC0415 - heavy

    memory = psutil.virtual_memory()
    common = {
        "program": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "free_gib": round(memory.available / _GIB, 1),
        "total_gib": round(memory.total / _GIB, 1),
        "exit_code": exit_code,
    }
    if run is None:
        return CheckIn(**common, trouble=trouble)
    from showcase import claims  # noqa: PLC0415 - as above

    verdicts = claims.judge(run)
    statuses = {verdict.status for verdict in verdicts}
    worst = next(status for status in ("broken", "inconclusive", "upheld") if status in statuses)
    return CheckIn(
        **common,
        engine=_engine(run),
        sealed=any(report.name == "seal" and report.active for report in run.witnesses),
        verdict=worst,
        claims=len(verdicts),
        not_upheld=tuple(verdict.id for verdict in verdicts if verdict.status != "upheld"),
        took_s=run.duration_s,
    )


def _engine(run: Run) -> str | None:
    """Return what answered, in few words: it is read aloud."""
    if run.engine is None:
        return None
    if run.engine.is_rehearsal:
        return "rehearsal engine"
    return f"Ollama {run.engine.version} with {run.engine.chat_model.name}"
