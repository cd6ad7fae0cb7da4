"""`bioqms forward`: publish the events spooled while Pub/Sub failed."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

import click

from ingest.config import Config
from ingest.errors import ConfigError


@click.command()
@click.option(
    "--follow", is_flag=True, help="Keep running, with longer and longer pauses after failures."
)
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA, ./data]"
)
def forward(follow: bool, data: Path | None) -> None:
    """Publish the spool of a data folder, oldest first, and remove what Pub/Sub has accepted.

    A collector with BIOQMS_SPOOL=1 runs this by itself. Run it by hand for a spool whose collector
    is gone. Only one forwarder works on a spool at a time.
    """
    from ingest.sinks.forwarder import Forwarder, sole_forwarder

    logging.basicConfig(format="%(message)s")
    try:
        config = Config.from_env()
        config = replace(config, data_dir=data or config.data_dir)
        with sole_forwarder(config.spool_dir) as is_sole:
            if not is_sole:
                raise click.ClickException(
                    f"another forwarder is working on {config.spool_dir}: wait until it ends"
                )
            if follow:
                Forwarder(config).follow(threading.Event())
                return
            passed = Forwarder(config).drain()
    except (ConfigError, OSError) as error:
        raise click.ClickException(str(error)) from None
    suppressed = f", suppressed {passed.suppressed:,}" if passed.suppressed else ""
    click.echo(f"forwarded {passed.sent:,}, left in the spool {passed.left:,}{suppressed}")
    if passed.problem:
        raise click.ClickException(passed.problem)
