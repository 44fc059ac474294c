"""`python -m showcase.engines.rehearsal [--port N] [--pace TOKENS_PER_SECOND] [--standalone]`."""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from types import FrameType


def main(arguments: list[str] | None = None) -> int:
    """Runs one engine process.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m showcase.engines.rehearsal",
        description="The rehearsal engine: speaks Ollama's protocol on loopback, holds no language model.",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--pace", type=_pace, default=None, metavar="T", help="stream T tokens a second")
    parser.add_argument("--standalone", action="store_true", help="do not end with stdin")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    try:
        # Here, not above: --help and a mistyped option need none of the libraries.
        from showcase.engines.rehearsal import server  # noqa: PLC0415 - see above

        server.serve(port=options.port, pace=options.pace, standalone=options.standalone)
    except ShowcaseError as failure:
        sys.stderr.write(f"error: {failure.message}\nhint: {failure.hint}\n")
        return int(failure.exit_code)
    except KeyboardInterrupt:
        return 0
    return 0


def _end(_: int, __: FrameType | None) -> None:
    """Ends with success while the libraries load; from then on the server takes the signal."""
    sys.exit(0)


def _pace(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a positive number of tokens a second")
    return value


if __name__ == "__main__":
    sys.exit(main())
