"""What a child's environment is: forced, kept, and what each variable really does.

Built from an allowlist. Forced means forced: a user's own `MEM0_TELEMETRY=True` must not win.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import resources
from showcase.documents.resources import SOURCE
from showcase.evidence import Endpoint, Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORCED: dict[str, tuple[str, str]] = {
    "MEM0_TELEMETRY": ("False", "mem0 reads it at import; only true, 1 and yes switch its telemetry on"),
    "ANONYMIZED_TELEMETRY": ("False", "parsed by chromadb, which no longer sends; older versions did"),
    "OTEL_SDK_DISABLED": ("true", "OpenTelemetry's SDK, which chromadb carries, makes no exporter"),
    "HF_HUB_DISABLE_TELEMETRY": ("1", "huggingface_hub; 'False' would switch the telemetry on"),
    "DISABLE_TELEMETRY": ("1", "huggingface_hub reads it too"),
    "DO_NOT_TRACK": ("1", "huggingface_hub reads it too; mem0 does not"),
    "HF_HUB_OFFLINE": ("1", "huggingface_hub downloads nothing"),
    "TRANSFORMERS_OFFLINE": ("1", "transformers downloads nothing"),
    "NO_PROXY": ("*", "no proxy, not even one from the system's settings, which httpx reads elsewhere"),
    "PYTHONSAFEPATH": ("1", "nothing is imported from the working directory (Python 3.11 and newer)"),
    "PYTHONNOUSERSITE": ("1", "nothing is imported from the user's site directory"),
    "PYTHONUTF8": ("1", "memories are UTF-8 whatever the locale"),
    "PYTHONUNBUFFERED": ("1", "what a killed child printed is not lost"),
    "TOKENIZERS_PARALLELISM": ("false", "no forks of a threaded tokenizer"),
}
"""Variable to value and what it does there. More are forced per process: MEM0_DIR and PYTHONPATH, and HOME where the
user has none."""

KEPT = (
    "PATH", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR",
    "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG",  # measuring our own tests across processes
)  # fmt: skip
KEPT_PREFIXES = ("LC_",)

OLLAMA_FORCED: dict[str, tuple[str, str]] = {
    "OLLAMA_NO_CLOUD": ("1", "the server's cloud part is off: no look-up of ollama.com, 403 for cloud models"),
    "OLLAMA_NOPRUNE": ("1", "the server removes nothing from the models, which another one may just be pulling"),
}
"""Likewise for a server that a run starts. Three more are forced: OLLAMA_HOST, OLLAMA_MODELS and HOME."""

OLLAMA_KEPT = (
    "OLLAMA_CONTEXT_LENGTH", "OLLAMA_DEBUG", "OLLAMA_FLASH_ATTENTION", "OLLAMA_GPU_OVERHEAD", "OLLAMA_IGPU_ENABLE",
    "OLLAMA_KEEP_ALIVE", "OLLAMA_KV_CACHE_TYPE", "OLLAMA_LLM_LIBRARY", "OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_MAX_LOADED_MODELS", "OLLAMA_NEW_ENGINE", "OLLAMA_NUM_PARALLEL", "OLLAMA_SCHED_SPREAD", "OLLAMA_VULKAN",
    "CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "HIP_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION", "ROCR_VISIBLE_DEVICES",
)  # fmt: skip
"""What tunes the server to its machine, and sends nothing anywhere."""

TELLING = (
    "_PROXY", "TELEMETRY", "TRACK", "OLLAMA", "CHROMA", "OPENAI", "MEM0", "HF_", "HUGGING", "OTEL", "POSTHOG",
    "TRANSFORMERS", "ANTHROPIC", "API_KEY", "PYTHON",
)  # fmt: skip
"""Of what was left out, variables with these parts are named in the log; the rest is the user's business."""


CLIENT = ("OLLAMA_HOST", "OLLAMA_API_KEY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
"""What a client of httpx or of ollama takes from a shell when it is made, beside proxies."""


@contextmanager
def out_of_sight() -> Iterator[None]:
    """Keep from who reads this process's environment inside what a client would take from it.

    A library that makes a client on import fails there where a variable holds what it cannot read.
    """
    hidden = {name: value for name, value in os.environ.items() if name in CLIENT or name.upper().endswith("_PROXY")}
    for name in hidden:
        del os.environ[name]
    os.environ["NO_PROXY"] = "*"  # a proxy of the system's settings is none either
    try:
        yield
    finally:
        os.environ.pop("NO_PROXY", None)
        os.environ.update(hidden)


def build(
    base: Mapping[str, str] | None = None, *, mem0_home: Path | None = None
) -> tuple[dict[str, str], Environment]:
    """Return a child's environment and the facts about it.

    Args:
        base: The environment to pick from; the process's own where None.
        mem0_home: mem0's directory for this child, `MEM0_DIR`.
    """
    base = os.environ if base is None else base
    kept = {
        name: value
        for name, value in base.items()
        if (name.upper() in KEPT or name.upper().startswith(KEPT_PREFIXES)) and name.upper() not in FORCED
    }
    forced = {name: value for name, (value, _) in FORCED.items()}
    if mem0_home is not None:
        forced["MEM0_DIR"] = str(mem0_home)
        if "HOME" not in kept and resources.home() is None:
            # A user that no list knows, as containers are given by number: libraries raise where there is no home.
            forced["HOME"] = str(mem0_home)
    if not _is_installed():
        # Run from a checkout: the children must import the same source, not an installed copy.
        forced["PYTHONPATH"] = str(SOURCE)
    shown = {name: value for name, value in forced.items() if name not in ("MEM0_DIR", "HOME", "PYTHONPATH")}
    if mem0_home is not None:
        shown |= {name: mem0_home.name for name in ("MEM0_DIR", "HOME") if name in forced}
    facts = Environment(
        forced=shown,
        kept=tuple(sorted(kept)),
        left_out=tuple(
            sorted(
                name
                for name in base
                if name not in kept and name not in forced and any(part in name.upper() for part in TELLING)
            )
        ),
    )
    return {**kept, **forced}, facts


def of_ollama(base: Mapping[str, str], *, endpoint: Endpoint, models: Path, home: Path) -> dict[str, str]:
    """Return the whole environment of an Ollama server that a run starts.

    Args:
        base: The user's environment, to pick from.
        endpoint: Where the server is to listen.
        models: Where its models lie.
        home: A directory of ours that it takes for its user's home.
    """
    kept = {name: value for name, value in build(base)[0].items() if not name.startswith("PYTHON")}
    tuned = {name: base[name] for name in OLLAMA_KEPT if name in base}
    forced = {name: value for name, (value, _) in OLLAMA_FORCED.items()}
    places = {"OLLAMA_HOST": str(endpoint), "OLLAMA_MODELS": str(models), "HOME": str(home), "USERPROFILE": str(home)}
    return {**kept, **tuned, **forced, **places}


def _is_installed() -> bool:
    """Tell whether the package is found without a path of our own."""
    return any(Path(entry or ".").resolve() == SOURCE for entry in sys.path if "site-packages" in entry)


def adopt(*, mem0_home: Path) -> dict[str, str]:
    """Put this process itself into the environment of a child, for a command that opens a memory in its own process.

    What a library would take from the user's shell is taken out of sight before it is imported; what a terminal and an
    editor need stays.

    Args:
        mem0_home: mem0's directory, `MEM0_DIR`.

    Returns:
        The environment as it was, for programs of the user's own.
    """
    before = dict(os.environ)
    child, _ = build(before, mem0_home=mem0_home)
    for name in before:
        if name.upper() not in _OF_A_PERSON and not name.upper().startswith(_OWN):
            del os.environ[name]
    os.environ.update({name: value for name, value in child.items() if name not in _OF_PYTHON})
    return before


_OWN = ("PYTHON", "SHOWCASE_", "XDG_")
_OF_A_PERSON = (
    "TERM", "TERM_PROGRAM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "SHELL", "USER", "LOGNAME",
    "USERNAME", "DISPLAY", "WAYLAND_DISPLAY", "PWD", "MSYSTEM", "WT_SESSION", "OLLAMA_HOST",
)  # fmt: skip
"""What a terminal needs; and where the user's own client of Ollama goes, for commands that a person is told to type:
who imports that client here hides it, and gives an address. Nothing else stays: chromadb takes its settings from
variables without a prefix of their own, such as `MIGRATIONS`."""

_OF_PYTHON = ("PYTHONPATH", "PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONUTF8", "PYTHONUNBUFFERED")
"""Read when an interpreter starts: here it has."""
