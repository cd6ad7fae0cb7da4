"""The command `bioqms`. Each subcommand is imported when it is used, so `--help` is quick."""

from __future__ import annotations

from importlib import import_module

import click

from bioqms import __version__

_COMMANDS = {
    "collect": ("bioqms.collect:collect", "Serve the collector."),
    "load": ("bioqms.load:load", "Load events from files."),
    "replay": ("bioqms.replay:replay", "Bring refused events back: rejects, dead letters."),
    "forward": ("bioqms.forward:forward", "Publish what was spooled while Pub/Sub failed."),
    "subscribe": ("bioqms.subscribe:subscribe", "Land what a Pub/Sub subscription holds."),
    "build": ("bioqms.build:build", "Build the warehouse with dbt."),
    "backfill": ("bioqms.backfill:backfill", "Compute a range of event dates again."),
    "check": ("bioqms.check:check", "Check the warehouse against its quality thresholds."),
    "sample": ("bioqms.sample.command:sample", "Write sample events."),
    "demo": ("bioqms.demo:demo", "Show the whole way of an event, end to end."),
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group(cls=_LazyGroup)
@click.version_option(__version__)
def main() -> None:
    """Product telemetry and feature analytics for BIO-QMS."""
