"""`python -m showcase.engines.embedded --chat FILE [--embed FILE] [--num-ctx N] [--port N] [--standalone]`."""

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
        prog="python -m showcase.engines.embedded",
        description="The embedded engine: speaks Ollama's protocol on loopback, runs model files with llama.cpp.",
    )
    parser.add_argument("--chat", metavar="FILE", help="the chat model, or its name; without one, vectors alone")
    parser.add_argument("--embed", metavar="FILE", help="the embedding model; without one, the rehearsal engine's")
    parser.add_argument("--chat-name", metavar="NAME", help="what it is called; by its file where left out")
    parser.add_argument("--embed-name", metavar="NAME", help="likewise")
    parser.add_argument("--num-ctx", type=int, metavar="TOKENS", help="context of the chat model")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--standalone", action="store_true", help="do not end with stdin")
    told = parser.parse_args(arguments)
    if told.chat is None and told.embed is None:
        parser.error("name a model: --chat FILE, --embed FILE or both")

    def serve() -> None:
        # Here, not above: --help and a mistyped option need none of the libraries.
        from showcase.engines.embedded import server  # noqa: PLC0415 - see above

        asked = server.Asked(chat=told.chat, embed=told.embed, chat_name=told.chat_name, embed_name=told.embed_name)
        server.serve(asked, port=told.port, num_ctx=told.num_ctx, standalone=told.standalone)

    return run(serve)


if __name__ == "__main__":
    sys.exit(main())
