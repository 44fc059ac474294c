"""Small wheels and models, as real as they need be, and the command that packs them without a registry."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import program

from showcase.pack import own_wheel
from showcase.pack.platforms import this_platform, this_python

if TYPE_CHECKING:
    import subprocess

OWN = "local_memory_showcase"
_PROGRAM = "import sys\n\n\ndef main():\n    print('showcase, version 9.9')\n"


def make_wheel(
    place: Path,
    name: str,
    version: str = "1.0",
    *,
    requires: tuple[str, ...] = (),
    extras: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    python: str = ">=3.8",
    program_of: str = "",
) -> Path:
    """Write a wheel with one module."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}"]
    metadata += [f"Provides-Extra: {extra}" for extra in extras] + [f"Requires-Dist: {each}" for each in requires]
    files = {
        f"{name}.py": _PROGRAM,
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    if program_of:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{program_of} = {name}:main\n"
    rows = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    path = place / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(each, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def make_source(place: Path) -> Path:
    """Fill a directory with all that our own wheel asks for, on every platform; return that wheel."""
    place.mkdir()
    own_wheel.from_installed("pip", place)
    conditions = {
        "of_windows": "sys_platform == 'win32'",
        "of_posix": "os_name == 'posix'",
        "of_old": "python_version < '3.11'",
        "of_patch": "python_full_version >= '3.12.4'",
    }
    for name in conditions:
        make_wheel(place, name)
    make_wheel(place, "of_new", python=">=3.12")
    make_wheel(place, "needs_new", "2.0", python=">=3.12", requires=("of_new",))
    make_wheel(place, "needs_new", "1.0")
    make_wheel(place, "of_extra")
    tags = ("manylinux_2_17_x86_64", "manylinux_2_28_aarch64", "win_amd64", "macosx_11_0_arm64")
    for python in ("310", "311", "312", "313", "314"):
        for tag in tags:
            make_wheel(place, "compiled", tag=f"cp{python}-cp{python}-{tag}")
    (place.parent / "own").mkdir()
    requires = (*(f"{name}; {condition}" for name, condition in conditions.items()), "needs_new", "compiled>=1")
    return make_wheel(
        place.parent / "own",
        OWN,
        "9.9",
        requires=(*requires, "of_extra; extra == 'more'"),
        extras=("more",),
        program_of="showcase",
    )


def make_model(models: Path, name: str, tag: str, weights: bytes, *, config: dict[str, str] | None = None) -> Path:
    """Write a model as Ollama keeps it; return the path of its manifest."""
    layers = []
    for data in (json.dumps(config or {"model_format": "gguf"}).encode(), weights):
        digest = hashlib.sha256(data).hexdigest()
        blob = models / "blobs" / f"sha256-{digest}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        layers.append({"mediaType": "a test", "digest": f"sha256:{digest}", "size": len(data)})
    path = models / "manifests" / "registry.ollama.ai" / "library" / name / tag
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"schemaVersion": 2, "config": layers[0], "layers": layers[1:]}))
    return path


def pack(
    stick: Path, source: Path, models: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command, with a directory of wheels for a registry."""
    return program.showcase(
        "pack",
        str(stick),
        "--wheel",
        str(next((source.parent / "own").iterdir())),
        *arguments,
        **{"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(source), "OLLAMA_MODELS": str(models), **variables},
    )


def here() -> str:
    """Return the platform of this machine, as the command line names it."""
    own = this_platform()
    assert own is not None
    return own.name


def another_python() -> str:
    """Return a Python that this one is not, and not older."""
    return "3.13" if this_python() != "3.13" else "3.14"


PYTHON = Path(sys.executable)
