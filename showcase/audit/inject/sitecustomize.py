"""Found first on PYTHONPATH by every Python that an audited command starts: installs the hook, then steps aside.

Nothing of this program is imported here but the recorder, by its path: the interpreter may be any, in any
environment. Whatever goes wrong leaves the interpreter as it would be without us, unwatched by the hook.
"""

# ruff: noqa: INP001 - a directory for PYTHONPATH, no package: nothing else in it may be found by accident
from __future__ import annotations

import sys

# What `site` would have found in our place must be found now, and our directory must not show.
_HERE = __file__.rpartition("/")[0] or __file__.rpartition("\\")[0]


def _watch() -> None:
    import json  # noqa: PLC0415 - not before the user's own sitecustomize could have replaced it
    import os  # noqa: PLC0415 - likewise
    import time  # noqa: PLC0415 - likewise
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415 - likewise

    place = os.environ["SHOWCASE_AUDIT_EVENTS"]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)

    def emit(event: dict[str, object]) -> None:
        line = json.dumps({"t": time.monotonic(), "pid": os.getpid(), **event}, default=str)
        try:
            # Opened for each line: a descriptor that stayed open might be closed by the program and become its own.
            descriptor = os.open(f"{place}/{os.getpid()}.jsonl", flags, 0o600)
        except OSError:
            return
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)

    spec = spec_from_file_location("_showcase_recorder", os.environ["SHOWCASE_AUDIT_RECORDER"])
    if spec is None or spec.loader is None:
        return
    recorder = module_from_spec(spec)
    spec.loader.exec_module(recorder)
    recorder.install(emit, main="__main__")
    emit({"event": "hooked"})


def _step_aside() -> None:
    from importlib.machinery import PathFinder  # noqa: PLC0415 - as above
    from importlib.util import module_from_spec  # noqa: PLC0415 - as above

    sys.path[:] = [entry for entry in sys.path if entry != _HERE]
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:  # noqa: SIM105 - contextlib is not loaded yet
    _watch()
except Exception:  # noqa: BLE001, S110 - it runs as it would without us
    pass
_step_aside()
