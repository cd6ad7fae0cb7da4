"""`bioqms subscribe`: land the messages of a Pub/Sub subscription in the local log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from ingest.config import Config
from ingest.errors import ConfigError, SinkError


@click.command()
@click.option("--subscription", required=True, help="Its name, or projects/P/subscriptions/S.")
@click.option(
    "--idle",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="End after this many seconds without a message.",
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA, ./data]"
)
def subscribe(subscription: str, idle: float, data: Path | None) -> None:
    """Write the events of a subscription into the landing log, as a BigQuery subscription would.

    A message is acknowledged when its row is on disk. The rows are the same as those that the
    collector lands with BIOQMS_SINK=log, plus message_id, publish_time and attributes.
    """
    from ingest.sources.subscription import Subscribed, Subscription, land

    counts = Subscribed()
    failure = None
    try:
        config = Config.from_env()
        config = replace(config, data_dir=data or config.data_dir)
        source = Subscription(config.subscription_path(subscription))
        try:
            land(config, source, idle, counts)
        finally:
            source.close()
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    except (SinkError, OSError) as error:
        failure = f"stopped: {error}"
    suppressed = f" + suppressed {counts.suppressed:,}" if counts.suppressed else ""
    click.echo(
        f"read {counts.read:,} = landed {counts.landed:,} + not events {counts.refused:,}"
        f"{suppressed}"
    )
    if failure:
        raise click.ClickException(failure)
