"""Whether a model has a template for chats, or passes on the last message alone.

Ollama gives `{{ .Prompt }}` to a model that was made from a bare GGUF file whose own template it does not know. Such a
model sees neither the system message nor who said what, and often answers with nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import short
from showcase.engines.models import modelfile
from showcase.errors import UsageError
from showcase.shell.advice import ollama_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.evidence import Endpoint

_BARE = re.compile(r"\{\{-?\s*\.Prompt\s*-?\}\}")


def is_bare(shown: Mapping[str, Any]) -> bool:
    """Tell whether a chat model's `/api/show` has that template and nothing that renders its chats instead."""
    capabilities = shown.get("capabilities")
    if isinstance(capabilities, list) and capabilities and "completion" not in capabilities:
        return False
    if shown.get("renderer"):
        return False
    template = shown.get("template")
    try:
        instructions = modelfile.parse(str(shown.get("modelfile", ""))).instructions
    except UsageError:
        instructions = ()
    if any(each.name == "RENDERER" for each in instructions):
        return False
    written = [each.value for each in instructions if each.name == "TEMPLATE"]
    text = template if isinstance(template, str) and template else written[-1] if written else ""
    return _BARE.fullmatch(text.strip()) is not None


def complaint(name: str) -> str:
    """Return what is wrong with a model of that kind."""
    return (
        f"{short(name)} has no template for chats ({{{{ .Prompt }}}}), as one made from a bare GGUF file: it sees "
        "neither the system message, with what was recalled, nor who said what, and may answer with nothing"
    )


def remedy(name: str, endpoint: Endpoint) -> str:
    """Return what to do about it."""
    family = ollama_command(endpoint, "show", "--template", "NAME")
    create = ollama_command(endpoint, "create", short(name), "-f", "Modelfile")
    return (
        f"make it anew from a Modelfile with the TEMPLATE of its family, which a model NAME of the library shows "
        f"({family}): {create}; or take one that has it: showcase models create --pull"
    )
