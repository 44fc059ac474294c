"""The authority that an audited command is told to trust: started before it, asked by its supervisor, ended after it.

Its process has a session of its own, so that it answers while the job of this one is stopped.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.errors import ShowcaseError
from showcase.shell.advice import install_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUST = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
)
"""Variables that name the certificates to trust: OpenSSL and Go, requests, curl, Node, git, pip."""

EXTRA, LIBRARY = "reveal", "cryptography"
"""What this program is installed with where it is to reveal, and the package that this brings."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from showcase.witnesses.sink.certificates import main; main(int(sys.argv[2]))"
)
_PACKAGES = Path(__file__).resolve().parents[2]
_MOST_BYTES = 1 << 16
_START_S = 30.0
"""How long its process may take to start: 0.2 s where nothing else is at work."""

_END_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """An authority at work: where its certificate lies, and the descriptor on which it is asked."""

    certificate: Path
    channel: int

    @property
    def variables(self) -> dict[str, str]:
        """What a command is given so that it trusts the authority."""
        return dict.fromkeys(TRUST, str(self.certificate))


def check() -> None:
    """Raise where no certificate can be made.

    Raises:
        ShowcaseError: The extra is not installed.
    """
    if find_spec(LIBRARY) is None:
        raise ShowcaseError(
            f"--reveal makes certificates with {LIBRARY}, which is not installed: it comes with the extra {EXTRA!r}",
            hint=install_extra(EXTRA, LIBRARY),
        )


@contextmanager
def authority() -> Iterator[Trusted]:
    """Start one, and end it.

    Raises:
        ShowcaseError: It cannot be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    paths = [str(_PACKAGES), *map(os.path.abspath, sys.path)]
    with temporary("showcase-sink-") as directory, ours:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, json.dumps(paths), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        try:
            theirs.close()
            certificate = directory / "authority.pem"
            certificate.touch(mode=0o600)
            certificate.write_bytes(_first(ours, process))
            yield Trusted(certificate=certificate, channel=ours.fileno())
        finally:
            with suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)  # the supervisor's copy with it
            _end(process)


def _first(channel: socket.socket, process: subprocess.Popen[bytes]) -> bytes:
    """Return the certificate, which is said once the process is ready for any host."""
    channel.settimeout(_START_S)
    try:
        said = channel.recv(_MOST_BYTES)
    except OSError:
        said = b""
    channel.settimeout(None)
    if said:
        return said
    process.kill()
    why = process.communicate()[1].decode(errors="replace").strip().splitlines()
    raise ShowcaseError(
        f"no certificates can be made for --reveal: {why[-1] if why else f'nothing came within {_START_S:.0f} s'}",
        hint=install_extra(EXTRA, LIBRARY),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stderr is not None:
        process.stderr.close()
