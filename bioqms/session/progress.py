"""What you see while dbt runs: a bar on a terminal, dbt's log with --verbose, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_NAME_COLUMNS = 70
"""On narrower terminals the bar has no room for the name of the current node."""


@dataclass
class Watch:
    """Counts nodes from dbt's events; `tell` is called after each event that it counted."""

    done: int = 0
    total: int | None = None
    current: str = ""
    tell: Callable[[], None] | None = None
    say: Callable[[str], None] | None = None

    def hear(self, event: Any) -> None:
        """Handle one event of dbt."""
        name = event.info.name
        if self.say and event.info.level in ("info", "warn", "error") and name != "MainStackTrace":
            self.say(event.info.msg)
        if name == "ConcurrencyLine":
            self.total = event.data.node_count
        elif name == "NodeStart":
            self.current = event.data.node_info.node_name
        elif name == "NodeFinished":
            self.done += 1
        else:
            return
        if self.tell:
            self.tell()


@contextmanager
def shown(*, is_quiet: bool, is_verbose: bool) -> Iterator[Watch]:
    """Watch a build: dbt's log on standard output, or a bar where standard error is a terminal."""
    if is_verbose:
        yield Watch(say=lambda line: print(line, flush=True))
    elif is_quiet or not sys.stderr.isatty():
        yield Watch()
    else:
        with _bar() as watch:
            yield watch


@contextmanager
def _bar() -> Iterator[Watch]:
    # Slow to import, and needed only here.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True)
    columns = [
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    if console.width >= _NAME_COLUMNS:
        fixed = Column(width=32, no_wrap=True, overflow="ellipsis")
        columns.append(TextColumn("{task.fields[current]}", table_column=fixed))
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        task = progress.add_task("reading", total=None, current="")
        watch = Watch()

        def tell() -> None:
            if watch.total is not None:
                progress.update(
                    task,
                    description="building",
                    total=watch.total,
                    completed=watch.done,
                    current=watch.current,
                )

        watch.tell = tell
        yield watch
