"""The command `bioqms`. Each subcommand is imported when it is used, so `--help` is quick."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from bioqms import __version__
from bioqms.errors import CannotRun, Interrupted

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells count it: 128 and the number of the signal."""

_COMMANDS = {
    "collect": ("bioqms.cli.collect:collect", "Serve the collector."),
    "load": ("bioqms.cli.load:load", "Load events from files."),
    "replay": ("bioqms.cli.replay:replay", "Process rejected events again: rejects, dead letters."),
    "forward": ("bioqms.cli.forward:forward", "Publish the events spooled while Pub/Sub failed."),
    "subscribe": ("bioqms.cli.subscribe:subscribe", "Land the messages of a Pub/Sub subscription."),
    "build": ("bioqms.cli.build:build", "Build the warehouse with dbt."),
    "backfill": ("bioqms.cli.backfill:backfill", "Recompute a range of event dates."),
    "check": ("bioqms.cli.check:check", "Check the warehouse against its quality thresholds."),
    "sample": ("bioqms.cli.sample:sample", "Write sample events."),
    "demo": ("bioqms.cli.demo:demo", "Run the whole pipeline on sample events."),
}


class _LazyGroup(click.Group):
    """A group whose commands are known by name and imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that ends it becomes one line and an exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
        except Interrupted as error:
            click.echo(f"Interrupted: {error}.", err=True)
        except CannotRun as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            # An error about a file is clear enough. Any other is a bug of ours, or a closed pipe.
            if error.filename is None:
                raise
            raise click.ClickException(f"cannot use {error.filename}: {error.strerror}") from error
        ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_LazyGroup)
@click.version_option(__version__)
def main() -> None:
    """Product telemetry and feature analytics for BIO-QMS."""
