"""Each fault that a stick may have is planted, and seen with the file that has it."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from sticks import another_python, here, make_wheel, pack

from showcase.pack import checking, manifest
from showcase.pack.platforms import this_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Teacher


def one(stick: Path, pattern: str) -> Path:
    return next(iter(sorted(stick.glob(pattern))))


def flip(path: Path) -> str:
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    return path.name


def remove(path: Path) -> str:
    path.unlink()
    return path.name


def cut(path: Path) -> str:
    path.write_bytes(path.read_bytes()[:-7])
    return path.name


def seal(stick: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Change what the stick says of itself, and its checksum with it: as one would who knows both."""
    path = stick / "pack.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    resum(stick)


def resum(stick: Path) -> None:
    sums = {
        manifest.inside(path.relative_to(stick).as_posix()): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in stick.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    (stick / "SHA256SUMS").write_bytes(manifest.dump_sums({path: each for path, each in sums.items() if path}))


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no pip try the wheels where that is not what is looked at."""
    if request.function is not test_wheels_of_another_machine_install_nothing_here:
        monkeypatch.setattr(
            checking.wheels, "resolved", lambda targets, *_: {each: frozenset({"a wheel"}) for each in targets}
        )


def wrong(stick: Path) -> list[checking.Finding]:
    return [each for each in checking.check(stick, lambda _: None) if not each.ok]


def test_a_whole_one_is_whole(stick: Path, teacher: Teacher) -> None:
    done = pack(stick, *teacher, "--check")
    assert done.returncode == 0, done.stdout
    digest = hashlib.sha256((stick / "SHA256SUMS").read_bytes()).hexdigest()
    assert done.stdout.splitlines()[-2:] == [f"{stick} is whole", f"SHA-256 of SHA256SUMS: {digest}"]
    document = json.loads(pack(stick, *teacher, "--check", "--json").stdout)
    assert document["whole"] is True
    assert {each["what"] for each in document["findings"]} == {
        "manifest", "files", "checksums", "size", "wheels", "models", "room",
    }  # fmt: skip


FAULTS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "a byte of a wheel": ("checksums", lambda stick: flip(one(stick, "wheels/compiled*"))),
    "a byte of a blob": ("checksums", lambda stick: flip(one(stick, "models/blobs/*"))),
    "a byte of an installer": ("checksums", lambda stick: flip(stick / "install.py")),
    "a wheel is gone": ("files", lambda stick: remove(one(stick, "wheels/compiled*"))),
    "a blob is gone": ("models", lambda stick: remove(one(stick, "models/blobs/*"))),
    "a blob is cut off": ("models", lambda stick: cut(one(stick, "models/blobs/*"))),
    "the manifest is gone": ("manifest", lambda stick: remove(stick / "pack.json")),
    "the manifest is cut off": ("manifest", lambda stick: cut(stick / "pack.json")),
    "the checksums are gone": ("manifest", lambda stick: remove(stick / "SHA256SUMS")),
    "the checksums are cut off": ("manifest", lambda stick: cut(stick / "SHA256SUMS")),
    "a file too many": ("files", lambda stick: make_wheel(stick / "wheels", "surplus").name),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_and_its_file_named(stick: Path, fault: str) -> None:
    what, plant = FAULTS[fault]
    name = plant(stick)
    found = wrong(stick)
    assert what in {each.what for each in found}
    assert any(name in each.detail for each in found), found


def test_it_is_said_and_the_exit_status_tells(stick: Path, teacher: Teacher) -> None:
    name = flip(one(stick, "models/blobs/*"))
    done = pack(stick, *teacher, "--check")
    assert done.returncode == 1
    assert f"models/blobs/{name} is not as it was written" in done.stdout
    assert "do not hand it out" in done.stdout
    nowhere = pack(stick / "nowhere", *teacher, "--check")
    assert nowhere.returncode == 2


def test_a_copy_of_half_of_it(stick: Path, tmp_path: Path) -> None:
    """As somebody leaves it who pulls the stick while a file manager copies."""
    half = tmp_path / "half"
    half.mkdir()
    for path in sorted(stick.iterdir())[:3]:
        shutil.copytree(path, half / path.name) if path.is_dir() else shutil.copy(path, half)
    assert wrong(half)


def test_what_systems_put_on_a_stick_is_nobodys_fault(stick: Path) -> None:
    for name in ("System Volume Information/IndexerVolumeGuid", ".Trashes/x", "wheels/._compiled.whl", ".DS_Store"):
        (stick / name).parent.mkdir(exist_ok=True)
        (stick / name).write_text("")
    assert wrong(stick) == []


def test_a_link_is_no_file(stick: Path, tmp_path: Path) -> None:
    wheel = one(stick, "wheels/compiled*")
    kept = tmp_path / wheel.name
    wheel.rename(kept)
    wheel.symlink_to(kept)
    (found,) = wrong(stick)
    assert found.paths == (f"wheels/{wheel.name}",)


def test_a_model_that_is_another_one(stick: Path) -> None:
    def change(document: dict[str, object]) -> None:
        document["models"][0]["digest"] = "0" * 64  # type: ignore[index]

    seal(stick, change)
    assert [each.what for each in wrong(stick)] == ["models"]


def test_a_blob_under_the_name_of_another(stick: Path) -> None:
    """Also where the checksums were made anew: the name of a blob is its digest."""
    flip(one(stick, "models/blobs/*"))
    resum(stick)
    assert [each.what for each in wrong(stick)] == ["models"]


def test_a_manifest_that_leads_out_of_the_stick(stick: Path) -> None:
    def change(document: dict[str, object]) -> None:
        document["models"][0]["manifest"] = "models/manifests/../../../secret"  # type: ignore[index]

    seal(stick, change)
    assert any("is no place of a manifest" in each.detail for each in wrong(stick))
    sums = (stick / "SHA256SUMS").read_text()
    (stick / "SHA256SUMS").write_text(f"{'0' * 64}  ../secret\n{sums}")
    assert [each.what for each in wrong(stick)] == ["manifest"]


@pytest.mark.parametrize("wheel", ["../own.whl", "wheels/own.tar.gz", "wheels", "/own.whl", "wheels/../own.whl"])
def test_nothing_but_a_wheel_on_the_stick_is_given_to_pip(stick: Path, wheel: str) -> None:
    """It would build a source, and run what is in it."""
    (stick / "wheels/own.tar.gz").write_text("")
    seal(stick, lambda document: document.update(wheel=wheel))
    assert {"manifest", "wheels"} <= {each.what for each in wrong(stick)}


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(schema="other"),
        lambda document: document.update(version=2),
        lambda document: document.update(surplus=1),
        lambda document: document.pop("targets"),
        lambda document: document.update(files="3"),
    ],
)
def test_a_manifest_is_read_strictly(stick: Path, change: Callable[[dict[str, object]], None]) -> None:
    seal(stick, change)
    assert [each.what for each in wrong(stick)] == ["manifest"]


def test_wheels_of_another_machine_install_nothing_here(stick: Path) -> None:
    """The wheels are whole, their checksums right, and what is promised cannot be installed from them."""

    def change(document: dict[str, object]) -> None:
        document["targets"][0]["python"] = another_python()  # type: ignore[index]

    seal(stick, change)
    (found,) = wrong(stick)
    assert found.what == "wheels"
    assert f"{here()} with Python {another_python()}: no wheel of " in found.detail
    assert this_python() != another_python()
