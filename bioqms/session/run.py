"""One build, from the checks before it to the last line."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from bioqms.dbt_runner import run_dbt
from bioqms.errors import CannotRun, Interrupted
from bioqms.project import warehouse
from bioqms.session import preflight, progress, selection
from bioqms.session.outcome import Node, Outcome, why
from bioqms.session.progress import Watch

_WHOLE_HISTORY = "tag:whole_history"


class Voice(StrEnum):
    """How much a build says."""

    QUIET = "quiet"
    """Errors."""
    NORMAL = "normal"
    """A bar on a terminal, and what was built."""
    VERBOSE = "verbose"
    """dbt's log, and what was built."""


@dataclass(frozen=True)
class Build:
    """What to build; the options of `bioqms build` and `bioqms backfill` describe the fields."""

    data: Path
    target: str | None = None
    as_of: dt.date | None = None
    full_refresh: bool = False
    select: tuple[str, ...] = ()
    test_days: int | None = None
    backfill: tuple[dt.date, dt.date] | None = None

    @property
    def target_name(self) -> str:
        """The target of profiles.yml."""
        return self.target or os.environ.get("BIOQMS_TARGET") or "local"

    @property
    def variables(self) -> dict[str, str | int]:
        """Its vars of dbt_project.yml."""
        chosen: dict[str, str | int] = {}
        if self.test_days:
            chosen["test_days"] = self.test_days
        if self.backfill:
            first, last = self.backfill
            chosen |= {"backfill_from": first.isoformat(), "backfill_to": last.isoformat()}
        return chosen


def run(build: Build, voice: Voice) -> int:
    """Build, and print the result; returns the exit status.

    Raises CannotRun if dbt could not start or had to stop, Interrupted after Ctrl-C.
    """
    preflight.require_project()
    preflight.require_writable(build.data)
    if build.target_name == "local":
        preflight.require_free(warehouse(build.data))

    today = dt.datetime.now(dt.UTC).date()
    started = time.monotonic()
    with progress.shown(is_quiet=voice is Voice.QUIET, is_verbose=voice is Voice.VERBOSE) as watch:
        outcome, also = _build(build, watch)
    if outcome.failed:
        print("Error: " + "\n".join(outcome.failures(build.data)), file=sys.stderr)
        return 1
    if voice is not Voice.QUIET:
        seconds = time.monotonic() - started
        print("\n".join(_told(build, outcome, also, today, seconds)))
    return 0


def _build(build: Build, watch: Watch) -> tuple[Outcome, int]:
    """Run dbt; returns its outcome and how many parents were built that `select` did not name."""
    dbt = partial(
        run_dbt,
        build.data,
        target=build.target,
        as_of=build.as_of,
        variables=build.variables,
    )
    # Unit tests prove the models, not the data: `make test` runs them.
    options = ["--exclude-resource-type", "unit_test"]
    also: tuple[str, ...] = ()
    if build.select:
        also = selection.parents_to_build(build.data, build.select, dbt)
        options += ["--select", *build.select, *also, *selection.TESTS]
    if build.full_refresh:
        options += ["--full-refresh"]
    if build.test_days:
        options += ["--exclude", _WHOLE_HISTORY]
    done = dbt("build", *options, listener=watch.hear)
    if isinstance(done.exception, KeyboardInterrupt):
        raise Interrupted(_how_far(watch))
    if done.exception is not None:
        raise CannotRun(f"dbt stopped: {why(build.data, done.exception)}")
    outcome = Outcome(tuple(Node.of(result) for result in done.result.results))
    if not done.success and not outcome.failed:
        raise CannotRun(f"dbt failed: {why(build.data, None)}")
    return outcome, len(also)


def _how_far(watch: Watch) -> str:
    if watch.total is None:
        return "nothing was built"
    return (
        f"{watch.done:,} of {watch.total:,} are done; run the same command again to build the rest"
    )


def _told(
    build: Build, outcome: Outcome, also: int, today: dt.date, seconds: float
) -> Iterator[str]:
    """What was built, of which day, and where."""
    if build.select:
        yield "the selected models are built and tested"
    elif build.test_days:
        yield f"every model is built; the last {build.test_days:,} days are tested"
    else:
        yield "every model is built and tested"
    yield f"built   {outcome.built}"
    if also:
        yield f"parents {also:,} of these did not exist yet"
    yield f"tested  {outcome.tested}"
    yield from outcome.warnings()
    if build.backfill:
        first, last = build.backfill
        yield f"again   {first} to {last}"
    yield f"as of   {build.as_of or today}"
    yield f"where   {outcome.where(build.data, build.target_name)}"
    yield f"took    {seconds:,.0f} s"
