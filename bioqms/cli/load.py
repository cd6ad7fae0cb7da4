"""`bioqms load`: load events from files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from bioqms.ledger import lines_of
from ingest.config import Config
from ingest.errors import ConfigError, SinkError
from ingest.sources.files import Loader, LoadLedger


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
)
@click.option("--tenant", help="Tenant of events that have no tenant.")
@click.option("--strict", is_flag=True, help="Exit with status 1 if any line was rejected.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA, ./data]"
)
def load(files: tuple[str, ...], tenant: str | None, strict: bool, data: Path | None) -> None:
    """Load FILES of JSON lines, plain or gzip (`-` is standard input), into the landing log.

    Rows keep their received_at if they have one. Rejected lines go to a file next to the log, with
    their number and the reason.

    Exit status: 0 if events were accepted, 1 if no event was accepted or a file could not be read
    to its end.
    """
    try:
        config = Config.from_env()
        ledger, failures = _load_all(
            replace(config, data_dir=data or config.data_dir), files, tenant
        )
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    click.echo("\n".join(lines_of(ledger)))
    if ledger.rejects_path:
        click.echo(f"rejected lines, with reasons: {ledger.rejects_path}")
    for name in ledger.empty:
        click.echo(f"{name}: empty, no events")
    for failure in failures:
        click.echo(f"Error: {failure}", err=True)
    if not ledger.accepted and not failures:
        advice = (
            ": fix the lines as the reasons say, then load them again" if ledger.rejected else ""
        )
        raise click.ClickException(f"nothing was accepted{advice}")
    if failures or (strict and ledger.rejected):
        sys.exit(1)


def _load_all(
    config: Config, files: tuple[str, ...], tenant: str | None
) -> tuple[LoadLedger, list[str]]:
    """Load every file; also return what stopped it, and which files could not be read."""
    loader = Loader(config, tenant)
    stopped = []
    try:
        with _progress(files) as advance:
            for name in files:
                with _opened(name) as file:
                    loader.load("stdin" if name == "-" else name, file, advance)
    except (SinkError, OSError) as error:
        stopped = [f"stopped: {error}"]
    finally:
        ledger = loader.close()
    return ledger, [*ledger.unread, *ledger.damaged, *stopped]


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


@contextmanager
def _progress(files: tuple[str, ...]) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, otherwise nothing; counts bytes as stored in the files."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    # Slow to import, and needed only here.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    total = None if "-" in files else sum(Path(name).stat().st_size for name in files)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("load", total=total)
        yield lambda size: progress.advance(task, size)
