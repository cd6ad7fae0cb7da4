"""What several commands take: a date, and the options of a build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from bioqms.session.run import Voice

F = TypeVar("F", bound=Callable[..., object])


class WrongDate(click.ClickException):
    """Not a date. The error is one line, because the usage would not help."""

    exit_code = 2


class _Day(click.ParamType[dt.date]):
    """A date, YYYY-MM-DD."""

    name = "date"

    def convert(
        self, value: str | dt.date, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            day = dt.datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
        except ValueError:
            day = None
        if day is None or not 1970 <= day.year <= 2199:
            name = param.opts[0] if param else "date"
            raise WrongDate(
                f"{name} {value!r} is not a date from 1970 to 2199: "
                "write it as YYYY-MM-DD, such as 2026-06-30"
            )
        return day


DAY = _Day()


def build_options(command: F) -> F:
    """The options that `bioqms build` and `bioqms backfill` share."""
    for option in reversed(
        (
            click.option(
                "--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA]"
            ),
            click.option("--target", help="A target of profiles.yml.  [BIOQMS_TARGET, local]"),
            click.option(
                "--as-of", type=DAY, help="The last day that the marts include.  [today, UTC]"
            ),
            click.option(
                "--select",
                multiple=True,
                help="Models to build, in dbt's syntax; also builds missing models that they need.",
            ),
            click.option(
                "--quiet", "voice", flag_value=Voice.QUIET.value, help="Show only errors."
            ),
            click.option(
                "--verbose", "voice", flag_value=Voice.VERBOSE.value, help="Show dbt's log."
            ),
        )
    ):
        command = option(command)
    return command
