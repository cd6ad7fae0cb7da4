"""`bioqms replay`: process rejected events again in the collector's steps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bioqms.ledger import lines_of
from ingest.config import Config
from ingest.errors import ConfigError, SinkError

if TYPE_CHECKING:
    from ingest.sources.replayer import Replayer

_tenant = click.option("--tenant", help="Tenant of events that have no tenant.")
_strict = click.option(
    "--strict", is_flag=True, help="Exit with status 1 if any is rejected again."
)
_data = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA, ./data]"
)


@click.group()
def replay() -> None:
    """Process rejected events again, and write them to the configured sink.

    You can safely repeat this: every event keeps its event_id and the time at which it was first
    received, so a second replay only adds copies, which the models remove.
    """


@replay.command()
@click.argument(
    "files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
)
@_tenant
@_strict
@_data
def rejects(files: tuple[Path, ...], tenant: str | None, strict: bool, data: Path | None) -> None:
    """Replay rejects FILES, of the collector or of `bioqms load`.

    Without FILES: all files in the data folder. The files do not change. The write key that sent
    an event decides its tenant.
    """
    from ingest.sources.rejects import rejects_files, replay_rejects

    config = _config(data)

    def run(replayer: Replayer) -> None:
        for path in files or rejects_files(config):
            replay_rejects(replayer, path)

    _run(config, tenant, strict, run)


@replay.command("dead-letter")
@click.option("--subscription", required=True, help="Its name, or projects/P/subscriptions/S.")
@click.option(
    "--idle",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="End after this many seconds without a message.",
)
@click.option(
    "--drop-rejected", is_flag=True, help="Also acknowledge messages that are rejected again."
)
@_tenant
@_strict
@_data
def dead_letter(
    subscription: str,
    idle: float,
    drop_rejected: bool,
    tenant: str | None,
    strict: bool,
    data: Path | None,
) -> None:
    """Replay the messages of a dead-letter subscription.

    A message is acknowledged when the sink has accepted its row. A message that is rejected again
    stays in the subscription.
    """
    from ingest.sources.dead_letters import replay_dead_letters
    from ingest.sources.subscription import Subscription

    config = _config(data)

    def run(replayer: Replayer) -> None:
        source = Subscription(config.subscription_path(subscription))
        try:
            replay_dead_letters(replayer, source, idle, drop_rejected=drop_rejected)
        finally:
            source.close()

    _run(config, tenant, strict, run)


def _config(data: Path | None) -> Config:
    try:
        config = Config.from_env()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    return replace(config, data_dir=data or config.data_dir)


def _run(config: Config, tenant: str | None, strict: bool, run: Callable[[Replayer], None]) -> None:
    """Replay, and print the ledger even after a failure."""
    from ingest.sources.replayer import Replayer

    failure = None
    try:
        replayer = Replayer(config, tenant)
        try:
            run(replayer)
        except (SinkError, OSError) as error:
            failure = f"stopped: {error}"
        finally:
            replayer.close()
    except (ConfigError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("\n".join(lines_of(replayer.ledger)))
    if failure:
        raise click.ClickException(failure)
    if strict and replayer.ledger.rejected:
        sys.exit(1)
