"""`python -m showcase.engines.rehearsal [--port N] [--pace TOKENS_PER_SECOND] [--standalone]`."""

from __future__ import annotations

import argparse
import sys

from showcase.engines.protocol.process import run


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

    def serve() -> None:
        # Here, not above: --help and a mistyped option need none of the libraries.
        from showcase.engines.rehearsal import server  # noqa: PLC0415 - see above

        server.serve(port=options.port, pace=options.pace, standalone=options.standalone)

    return run(serve)


def _pace(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a positive number of tokens a second")
    return value


if __name__ == "__main__":
    sys.exit(main())
