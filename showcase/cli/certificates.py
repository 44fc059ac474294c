"""`showcase verify` of a certificate: what follows from its facts, and whether it follows the ones before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase import __version__
from showcase.cli.words import fitted, printable
from showcase.documents.descriptors import shown
from showcase.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

_EXIT = {"upheld": ExitCode.UPHELD, "broken": ExitCode.BROKEN, "inconclusive": ExitCode.INCONCLUSIVE}

PROVES = (
    "This shows that the verdict follows from what the certificate says was seen. It does not show that this was seen: "
    "whoever can write the file can write another one. Look again yourself: showcase inspect --residue -"
)


def verified(path: Path, data: bytes, *, as_json: bool) -> int:
    """Judge a certificate again and say what follows; return the exit status."""
    from showcase.erasure import certificate  # noqa: PLC0415 - heavy

    found = certificate.load(data, source=shown(path))
    derived = certificate.derived(found)
    own = found.versions.get("local-memory-showcase") == __version__
    differs = (
        derived != found.finding if own else derived.status != found.finding.status
    )  # another one words it otherwise
    chain = certificate.broken_chain(path) if path.is_file() else None
    code = ExitCode.BROKEN if differs or chain else _EXIT[derived.status]
    digest = hashlib.sha256(data).hexdigest()
    if as_json:
        document = {
            "exit_code": int(code), "finding": asdict(derived), "differs": differs, "chain": chain, "sha256": digest,
            "proves": PROVES,
        }  # fmt: skip
        click.echo(json.dumps(document, indent=2))
        return int(code)
    said = [f"erasure {derived.status}: {derived.reason}", *(f"  {each}" for each in derived.limits)]
    if differs:
        said.append(f"! the certificate says {found.finding.status}: {found.finding.reason}")
    else:
        said.append("The certificate's own verdict is the same.")
    said.append(f"! {chain}" if chain else f"It is number {found.number} of its store.")
    for line in (*said, f"SHA-256: {digest}", PROVES):
        click.echo(fitted(printable(line)))
    return int(code)
