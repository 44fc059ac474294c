"""The user's shell: variables that switch telemetry, proxies, and what they really do.

A run's own processes get an environment of their own; this is about every other program that uses memories.
"""

from __future__ import annotations

import os
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, warning
from showcase.documents import reading
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEM0_ON = ("true", "1", "yes")
HF_TRUE = ("1", "on", "yes", "true")
HF_SWITCHES = ("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK")

WITHOUT_EFFECT = {
    "MEM0_TELEMETRY_SAMPLE_RATE": "mem0 still fetches its notices and sends what it samples",
    "POSTHOG_DISABLED": "posthog has no environment switch",
    "DO_NOT_TRACK": "mem0 does not read it; huggingface_hub does",
    "ANONYMIZED_TELEMETRY": "chromadb parses it and nothing reads it; nothing is sent either way",
}
ENV_BYTES = 1024 * 1024
CHROMA_EXPORT = "CHROMA_OTEL_COLLECTION_ENDPOINT"
LOCAL = "localhost,127.0.0.1,::1"


def telemetry(circumstances: Circumstances) -> Iterator[Finding]:
    """Look at the telemetry switches, and say what each really does."""
    environ = circumstances.environ
    yield _mem0(environ.get("MEM0_TELEMETRY"))
    wrong = [name for name in HF_SWITCHES if name in environ and environ[name].lower() not in HF_TRUE]
    if wrong:
        yield warning(
            "telemetry",
            f"{wrong[0]}={environ[wrong[0]]!r} leaves the telemetry of huggingface_hub on: it must be true to disable",
            here().set_variables({wrong[0]: "1"}),
        )
    yield from _chroma(environ)
    for name, effect in WITHOUT_EFFECT.items():
        if name in environ:
            yield ok("telemetry", f"{name} is set, but: {effect}")


def _mem0(value: str | None) -> Finding:
    fix = here().set_variables({"MEM0_TELEMETRY": "False"})
    if value is None:
        said = "MEM0_TELEMETRY is not set: outside a run, mem0 contacts us.i.posthog.com and raw.githubusercontent.com"
        return warning("telemetry", said, fix)
    if value.lower() in MEM0_ON:
        said = f"MEM0_TELEMETRY={value!r} switches mem0's telemetry on; a run forces it off, other programs do not"
        return warning("telemetry", said, fix)
    return ok("telemetry", f"MEM0_TELEMETRY={value!r} switches mem0's telemetry off")


def _chroma(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Chroma's only sender: OpenTelemetry, configured by the shell or by a `.env` in the working directory."""
    set_by_shell = [name for name, value in environ.items() if name.upper() == CHROMA_EXPORT and value]
    if set_by_shell:
        said = f"{set_by_shell[0]} makes chromadb export what it does to that address"
        yield warning("telemetry", said, here().unset_variables(set_by_shell[0], "CHROMA_OTEL_GRANULARITY"))
    try:
        text = reading.read(Path(".env"), limit=ENV_BYTES, files_only=True).decode("utf-8", "replace")
    except reading.UnreadableError as error:
        if Path(".env").exists():
            yield warning("telemetry", f".env in this directory was not read: {error}", here().listing(".env"))
        return
    if set_in(text, CHROMA_EXPORT):
        said = f".env in this directory sets {CHROMA_EXPORT}: chromadb reads it and exports what it does"
        yield warning(
            "telemetry", said, f"take the line out that this shows: {here().lines_with(CHROMA_EXPORT, '.env')}"
        )


def set_in(text: str, name: str) -> bool:
    """Return whether a `.env` gives a variable a value, as pydantic-settings reads one.

    The last line of its name counts, in whatever case, with `export` in front or without. An empty value sets nothing.
    The form is python-dotenv's: https://saurabh-kumar.com/python-dotenv/#file-format
    """
    line = rf"^[ \t]*(?:export[ \t]+)?'?{name}'?[ \t]*=(?P<value>.*)$"
    values = [found["value"] for found in re.finditer(line, text, re.IGNORECASE | re.MULTILINE)]
    return bool(values) and re.fullmatch(r"\s*(?:''|\"\")?(?:\s+#.*)?\s*", values[-1]) is None


def proxies(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether a proxy would get what is meant for a server on this machine. Never prints its address."""
    host = circumstances.settings.ollama.address
    found = urllib.request.getproxies_environment()
    system = {} if found else urllib.request.getproxies()
    names = sorted(name for name in found or system if name != "no")
    if not names:
        yield ok("proxies", "none")
    elif urllib.request.proxy_bypass(host):
        yield ok("proxies", f"set for {', '.join(names)}, but not used for {host}")
    else:
        where = "the shell's variables" if found else "the system's settings"
        yield warning(
            "proxies",
            f"a proxy for {', '.join(names)} is set by {where}: other programs send it what is meant for {host}",
            _bypass(circumstances.environ),
        )


def _bypass(environ: Mapping[str, str]) -> str:
    """Return what adds this machine to the exceptions that are there: under both names, of which programs read one."""
    there = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    value = ",".join(part for part in (there.strip(","), LOCAL) if part)
    # Where names differ by case. On Windows they do not, and there is one variable.
    names = ("NO_PROXY", "no_proxy") if os.name == "posix" else ("NO_PROXY",)
    return here().set_variables(dict.fromkeys(names, value))


def credentials(circumstances: Circumstances) -> Iterator[Finding]:
    """Look whether ollama's client would send a key to whatever server it talks to."""
    if circumstances.environ.get("OLLAMA_API_KEY"):
        said = "OLLAMA_API_KEY is set: outside a run, ollama's client sends it to any server it talks to"
        yield warning("credentials", said, here().unset_variables("OLLAMA_API_KEY"))
    else:
        yield ok("credentials", "no key that ollama's client would send")
