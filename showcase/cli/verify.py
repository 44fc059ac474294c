"""`showcase verify`."""

from __future__ import annotations

import json
from pathlib import Path

import click

PROVES = (
    "This shows that the verdicts follow from the log. It does not show that the log is authentic: whoever can write "
    "the file can write another one. Compare its SHA-256 with the one that the run printed."
)
OLDER = (
    "It was written in version {version}, and judged by the rules of then: words are not compared, and where less "
    "follows from it by those of now, that is no fault of the log."
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run_log", type=click.Path(path_type=Path, readable=False))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(*, run_log: Path, as_json: bool) -> int:
    """Derive every claim from RUN_LOG alone, offline, and say where the stored verdict differs.

    RUN_LOG may be the directory of a run, in which its run-log.json is read, an HTML page that holds a log, or a pipe;
    `-` is standard input. It is read once: the SHA-256 is that of what was judged. The certificate of an erasure is
    judged likewise, and those before it are looked at where they lie beside it.

    Of a log of an older version status and level are compared. Where less follows by the rules of now than was
    stored then, the exit status is that of what follows now.

    \b
    Exit status: 0 upheld, 1 broken or a stored verdict differs, 2 no run log, 3 inconclusive.
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    import hashlib  # noqa: PLC0415 - `--help` must not wait for any of these
    from dataclasses import asdict  # noqa: PLC0415

    from showcase import claims, runlog  # noqa: PLC0415
    from showcase.cli.plain import limit_lines, verdict_lines  # noqa: PLC0415
    from showcase.cli.run_logs import log_at, log_of_page  # noqa: PLC0415
    from showcase.cli.words import fitted  # noqa: PLC0415
    from showcase.documents.descriptors import shown  # noqa: PLC0415
    from showcase.errors import ExitCode  # noqa: PLC0415

    run_log = log_at(run_log, "showcase verify")
    data = log_of_page(runlog.read_bytes(run_log), shown(run_log))
    if b"showcase/erasure-certificate" in data[:200]:
        from showcase.cli.certificates import verified  # noqa: PLC0415 - as above

        return verified(run_log, data, as_json=as_json)
    run = runlog.load(data, source=shown(run_log))
    digest = hashlib.sha256(data).hexdigest()
    version = run.written_as or run.version
    verdicts = claims.judge(run)
    stored = {verdict.id: verdict for verdict in run.claims}
    differing = [verdict.id for verdict in verdicts if not claims.says(run, stored.get(verdict.id), verdict)]
    differing += [name for name in stored if name not in {verdict.id for verdict in verdicts}]
    code = claims.exit_code(verdicts)
    by_id = {verdict.id: verdict for verdict in verdicts}
    if not all(claims.is_less(run, by_id.get(name), stored.get(name)) for name in differing):
        code = ExitCode.BROKEN
    if as_json:
        document = {
            "exit_code": int(code),
            "claims": [asdict(verdict) for verdict in verdicts],
            "version": version,
            "differing": differing,
            "sha256": digest,
            "proves": PROVES,
        }
        click.echo(json.dumps(document, indent=2))
        return int(code)
    said = [*verdict_lines(verdicts), *limit_lines(verdicts, run_log if run_log.is_file() else None)]
    for name in differing:
        before = stored.get(name)
        then = f"{before.status} ({before.level or '-'}): {before.reason}" if before else "nothing"
        said.append(f"! {name}: the log says {then}")
    if differing:
        said.append(f"The log's own verdicts are not these: {len(differing)} of {len(verdicts)} differ.")
    else:
        said.append("The log's own verdicts are the same.")
    said += [OLDER.format(version=version)] if run.written_as else []
    for line in (*said, f"SHA-256: {digest}", PROVES):
        click.echo(fitted(line))
    return int(code)
