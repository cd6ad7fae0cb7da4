"""`bioqms collect`: serve the collector."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import click

from ingest.auth import keys_from_text, new_key
from ingest.config import Config
from ingest.errors import ConfigError
from ingest.server import serve


@click.command()
@click.option("--host", help="Address to listen on.  [BIOQMS_HOST, default 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0: any free.  [BIOQMS_PORT, 8080]")
@click.option("--workers", type=click.IntRange(1), help="Processes.  [BIOQMS_WORKERS, 1]")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA, ./data]"
)
@click.option("--dev", is_flag=True, help="Generate a write key for this run and print it.")
def collect(
    host: str | None, port: int | None, workers: int | None, data: Path | None, dev: bool
) -> None:
    """Serve the collector until you stop it.

    Set the write keys in BIOQMS_WRITE_KEYS_FILE or BIOQMS_WRITE_KEYS.
    """
    try:
        config = Config.from_env()
        config = replace(
            config,
            host=host or config.host,
            port=config.port if port is None else port,
            workers=workers or config.workers,
            data_dir=data or config.data_dir,
        )
        if dev:
            config = _with_dev_key(config)
        serve(config, announce=_say)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def _with_dev_key(config: Config) -> Config:
    """A key for all tenants that may import old events; an event without a tenant gets `dev`."""
    key = new_key()
    entry = {"name": "dev", "key": key, "tenants": "*", "default_tenant": "dev", "import": True}
    _say(f"write key of this run: {key}")
    return replace(config, keys=keys_from_text(json.dumps([entry])), keys_file=None)


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
