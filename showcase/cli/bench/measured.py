"""What all benchmarks have in common on the command line: where the figures go, how far it is, and the tables."""

from __future__ import annotations

import functools
import math
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.bench.results.interface import Measurement
    from showcase.bench.results.place import Asked
    from showcase.bench.results.result import EngineUsed, Result
    from showcase.engines.everyday import Opened

    Function = Callable[..., Any]

_MINUTE = 60
_PERIOD_S = 0.2


def measured_options(bench: str) -> Callable[[Function], Function]:
    """Add `--out`, `--resume`, `--quick` and `--json`: parameter `how`, a `Measured`."""

    def added(function: Function) -> Function:
        @functools.wraps(function)
        def gathered(*arguments: Any, out: Path, resume: bool, quick: bool, as_json: bool, **options: Any) -> Any:  # noqa: ANN401 - any command's
            from showcase.bench.results.place import check  # noqa: PLC0415 - `--help` measures nothing

            how = Measured(bench=bench, out=Path.cwd() / out, resume=resume, quick=quick, as_json=as_json)
            check(how.asked)  # before a server is started
            return function(*arguments, how=how, **options)

        options = (
            click.option(
                "--out",
                type=click.Path(path_type=Path, readable=False),
                metavar="DIR",
                default=f"bench-{bench}",
                show_default=True,
                help="Where samples, result.json and result.html go.",
            ),
            click.option("--resume", is_flag=True, help="Go on with the samples that are there already."),
            click.option("--quick", is_flag=True, help="A glance, over within a minute."),
            click.option("--json", "as_json", is_flag=True, help="Print result.json instead of tables."),
        )
        return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), gathered)

    return added


def engine_used(opened: Opened) -> EngineUsed:
    """Return which server and models answer.

    Raises:
        EngineError: The server does not say its version.
    """
    from showcase.bench.results.result import EngineUsed  # noqa: PLC0415 - `--help` measures nothing

    return EngineUsed(
        kind=opened.kind,
        version=opened.gate.version(),
        chat_model=opened.chat_model,
        embed_model=opened.embed_model,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The options, as they were typed; `out` is absolute, since a benchmark works in a directory of its own."""

    bench: str
    out: Path
    resume: bool
    quick: bool
    as_json: bool

    @property
    def asked(self) -> Asked:
        """How samples are to be taken."""
        from showcase.bench.results.place import Asked  # noqa: PLC0415 - heavy

        return Asked(place=self.out, resume=self.resume, quick=self.quick)

    def run(self, measurement: Measurement[Any]) -> None:
        """Take the samples, write result and page, and print the tables; all of it also where it is interrupted.

        Raises:
            ShowcaseError: See `Measuring` and `claimed`; or no sample was taken.
            KeyboardInterrupt: It was interrupted, or told to end by a polite signal.
        """
        from showcase.bench.results.measuring import Measuring  # noqa: PLC0415 - heavy
        from showcase.bench.results.place import claimed  # noqa: PLC0415 - likewise
        from showcase.cli.everyday import say  # noqa: PLC0415 - likewise
        from showcase.processes.interruption import ends_as_ctrl_c  # noqa: PLC0415 - likewise

        with ends_as_ctrl_c(), claimed(self.asked) as place:
            measuring = Measuring(measurement, self.asked)
            progress = Line(self.bench)
            try:
                measuring.take_all(progress)
            finally:
                progress.end()
                result = measuring.result()
                if result.taken:
                    self._write(place, result)
                    self._tell(result, place)
                elif not measuring.ended_early:
                    say("no sample was taken, and nothing was written")
        if not result.taken:
            raise ShowcaseError(
                f"no sample was taken, and nothing was written. {measuring.ended_early}",
                hint="measure without a minute's limit: the same command without --quick",
            )

    def _write(self, place: Path, result: Result) -> None:
        from showcase.bench.results.document import PAGE, RESULT, dump  # noqa: PLC0415 - heavy
        from showcase.report.bench_page import render_result  # noqa: PLC0415 - likewise
        from showcase.runlog import write_private  # noqa: PLC0415 - likewise

        write_private(place / RESULT, dump(result))
        write_private(place / PAGE, render_result(result).encode())

    def _tell(self, result: Result, place: Path) -> None:
        from showcase.bench.results.document import PAGE, RESULT, dump  # noqa: PLC0415 - heavy
        from showcase.cli.bench.tables import print_result  # noqa: PLC0415 - likewise
        from showcase.cli.everyday import say  # noqa: PLC0415 - likewise
        from showcase.shell.advice import quoted  # noqa: PLC0415 - likewise

        if self.as_json:
            click.echo(dump(result).decode(), nl=False)
        else:
            print_result(result)
        say(f"{quoted(place / RESULT)} and {PAGE} hold it all")
        if not result.finished:
            say(f"{result.taken} of {result.planned} samples were taken; go on with: {_again()}")


def _again() -> str:
    """Return the command that was typed, so that it goes on with what is there."""
    from showcase.shell import here  # noqa: PLC0415 - only where something is left

    context = click.get_current_context(silent=True)
    typed = ((context and context.find_object(dict)) or {}).get("arguments", ())
    return here().joined(["showcase", *(each for each in typed if each != "--resume"), "--resume"])


class Line:
    """Shows how far a measurement is, on one line of standard error where that is a terminal.

    Elsewhere, where nobody sees a line change, it says so once in a minute.
    """

    def __init__(self, bench: str) -> None:
        self._bench = bench
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._at = ""
        self._said = -math.inf  # the first is said at once
        self._drawn = 0.0

    def at(self, done: int, of: int, step: str, left_s: float | None) -> None:
        """See `Progress`."""
        left = "" if left_s is None else f", {_about(left_s)} left"
        self._at = f"bench {self._bench}: {done} of {of}{left}: {step}"
        self._draw("")

    def doing(self, what: str) -> None:
        """See `Progress`."""
        if time.monotonic() - self._drawn >= _PERIOD_S:
            self._draw(f", {what}")

    def end(self) -> None:
        """Take the line away."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, more: str) -> None:
        from showcase.cli.everyday import say  # noqa: PLC0415 - heavy
        from showcase.cli.words import one_line  # noqa: PLC0415 - likewise

        self._drawn = time.monotonic()
        if self._terminal:
            width = shutil.get_terminal_size().columns
            sys.stderr.write(f"\r\x1b[K{one_line(self._at + more, max(2, width - 1))}")
            sys.stderr.flush()
        elif self._drawn - self._said >= _MINUTE:
            self._said = self._drawn
            say(self._at + more)


def _about(seconds: float) -> str:
    return f"{max(1, math.ceil(seconds))} s" if seconds < 2 * _MINUTE else f"{math.ceil(seconds / _MINUTE)} min"
