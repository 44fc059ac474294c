"""What anybody may put beside the wheels of a stick, or into one, makes pip ask nobody and build nothing."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from sticks import OWN, make_wheel

from showcase.errors import ShowcaseError
from showcase.pack import pip_process, wheel_file, wheels
from showcase.pack.platforms import targets

if TYPE_CHECKING:
    from pathlib import Path

HERE = targets((), ())


def seen(place: Path) -> frozenset[str] | str:
    """Return what pip would install of our own wheel there."""
    own = next(place.glob(f"{OWN}-*.whl"))
    (found,) = wheels.resolved(HERE, [str(own)], place).values()
    return found


def test_an_address_in_a_wheel_is_not_asked_and_its_source_not_built(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "setup.py").write_text(
        f"open({str(ran)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='other', version='1')\n"
    )
    source = tmp_path / "other-1.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        archive.add(tmp_path / "setup.py", "other-1/setup.py")
    (tmp_path / "wheels").mkdir()
    own = make_wheel(tmp_path / "wheels", OWN, "9.9", requires=(f"other @ {source.as_uri()}",))
    assert "names where to get what it needs" in str(seen(own.parent))
    assert not ran.exists()
    with pytest.raises(ShowcaseError, match="names where to get"):
        wheels.gather(HERE, own, (), there=(), into=tmp_path, say=lambda _: None)
    assert not ran.exists()


def test_a_page_among_the_wheels_leads_to_no_other(tmp_path: Path) -> None:
    for name in ("wheels", "elsewhere"):
        (tmp_path / name).mkdir()
    make_wheel(tmp_path / "wheels", OWN, "9.9", requires=("compiled",))
    make_wheel(tmp_path / "wheels", "compiled", "1.0")
    newer = make_wheel(tmp_path / "elsewhere", "compiled", "99.0")
    for page in ("index.html", "._index.html"):
        (tmp_path / "wheels" / page).write_text(f'<a href="{newer.as_uri()}">{newer.name}</a>')
    assert seen(tmp_path / "wheels") == {f"{OWN}-9.9-py3-none-any.whl", "compiled-1.0-py3-none-any.whl"}


def test_metadata_that_unpack_to_far_too_much_are_not_read(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, OWN, "9.9")
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{OWN}-9.9.dist-info/METADATA", b"Name: x\n" + b"X: y\n" * 4_000_000)
    with pytest.raises(ShowcaseError, match="its metadata have"):
        wheel_file.read(wheel)
    assert "its metadata have" in str(seen(tmp_path))


def test_a_pip_in_the_working_directory_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "none"\nbackend-path = ["."]\n'
        '[project]\nname = "x"\nversion = "1"\n'
    )
    (sources / "none.py").write_text("def build_wheel(*_):\n    raise ValueError('asked to build')\n")
    (tmp_path / "pip.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    assert "asked to build" in str(pip_process.build(sources, tmp_path))
    assert not (tmp_path / "ran").exists()
