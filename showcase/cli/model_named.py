"""`--chat-model` and its like as they are typed: a name, or a file, which is relative to where it was typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class ModelType(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on, and not before
    """The name of a model, or the absolute path of a file: some commands work in a directory of their own."""

    name = "model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002 - click's signature
        """Return what was meant."""
        from showcase.engines.embedded.model_file import names_a_file  # noqa: PLC0415 - `--help` must not wait

        given = str(value)
        return str(Path(given).expanduser().absolute()) if names_a_file(given) else given
