"""A program behind a Unix socket may pass on what it is told: unless it is watched or allowed, nothing is upheld."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from auditing import audit, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEAK = "import socket, sys\ns = socket.socket(1); s.connect(sys.argv[1]); s.send(b'secret'); s.recv(9)"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """Stand for a name service, a bus, or a container's proxy: somebody who is not watched, and answers."""
    tmp_path.chmod(0o755)
    path = tmp_path / "service"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(99)
                        connection.send(b"answer")

        threading.Thread(target=serve, daemon=True).start()
        yield path


@pytest.mark.usefixtures("watched")
class TestUnsealed:
    def test_a_service_that_answers_leaves_the_verdict_open(self, tmp_path: Path, service: Path) -> None:
        audited = audit(tmp_path / "log.json", *python(SPEAK, str(service)))
        assert audited.exit_code == 3, audited.stderr
        assert audited.egress.status == "inconclusive"
        assert str(service) in audited.egress.reason
        assert f"--allow unix:{service}" in audited.egress.reason, "the exact way out"

    def test_an_allowed_one_does_not_and_is_named(self, tmp_path: Path, service: Path) -> None:
        audited = audit(tmp_path / "log.json", "--allow", f"unix:{service}", *python(SPEAK, str(service)))
        assert audited.exit_code == 0, audited.stderr
        assert any("allowed, whose other end was not watched" in limit for limit in audited.egress.limits)

    def test_another_spelling_of_an_allowed_path_is_the_same_socket(self, tmp_path: Path, service: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path)
        audited = audit(
            tmp_path / "log.json", "--allow", f"unix:{service}", *python(SPEAK, str(tmp_path / "link" / service.name))
        )
        assert audited.exit_code == 0, audited.stderr

    def test_an_abstract_one_is_no_different(self, tmp_path: Path) -> None:
        name = f"showcase-{tmp_path.name}-{id(tmp_path)}"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"\0{name}")
            listener.listen()
            script = f"import socket\nsocket.socket(1).connect('\\0{name}')"
            audited = audit(tmp_path / "log.json", *python(script))
            allowed = audit(tmp_path / "allowed.json", "--allow", f"unix:@{name}", *python(script))
        assert (audited.exit_code, allowed.exit_code) == (3, 0), audited.stderr + allowed.stderr

    def test_where_nobody_waits_nobody_was_told(self, tmp_path: Path) -> None:
        script = "import socket, sys\nfor to in sys.argv[1:]: print(socket.socket(1).connect_ex(to))"
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(tmp_path / "stale"))
        audited = audit(tmp_path / "log.json", *python(script, str(tmp_path / "gone"), str(tmp_path / "stale")))
        assert (audited.exit_code, audited.stdout) == (0, "2\n111\n"), audited.stderr

    def test_one_of_its_own_is_internal(self, tmp_path: Path) -> None:
        script = (
            "import multiprocessing.connection as m, threading, sys\n"
            "l = m.Listener(sys.argv[1], 'AF_UNIX')\n"
            "t = threading.Thread(target=lambda: l.accept().recv()); t.start()\n"
            "m.Client(sys.argv[1]).send('told'); t.join()"
        )
        audited = audit(tmp_path / "log.json", *python(script, str(tmp_path / "own")))
        assert audited.exit_code == 0, audited.stderr


@pytest.mark.usefixtures("sealable")
class TestSealed:
    def test_what_leads_out_is_refused_and_the_verdict_stands(self, tmp_path: Path, service: Path) -> None:
        script = f"import socket\nprint(socket.socket(1).connect_ex({str(service)!r}))"
        audited = audit(tmp_path / "log.json", "--seal", *python(script))
        assert audited.stdout == "111\n"
        assert (audited.egress.status, audited.egress.level) == ("upheld", "enforced"), audited.stderr
        (row,) = [row for row in audited.run.connections if row.family == "unix"]
        assert row.outcome == "leads out of the seal, refused"

    def test_an_allowed_one_is_let_through_and_named(self, tmp_path: Path, service: Path) -> None:
        audited = audit(tmp_path / "log.json", "--seal", "--allow", f"unix:{service}", *python(SPEAK, str(service)))
        assert (audited.egress.status, audited.egress.level) == ("upheld", "enforced"), audited.stderr
        assert any("allowed, whose other end was not watched" in limit for limit in audited.egress.limits)


@pytest.mark.parametrize("text", ["unix:", "unix:relative", "unix:@", "unix:/a\nb"])
def test_what_names_no_socket_is_refused_with_an_example(tmp_path: Path, text: str) -> None:
    audited = audit(tmp_path / "log.json", "--allow", text, "--", "true")
    assert audited.exit_code == 2
    assert "--allow unix:/run/user/1000/bus" in audited.stderr
