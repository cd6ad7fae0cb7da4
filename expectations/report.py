"""What was found, for a terminal and for a page that needs no network."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from expectations.checkpoint import ALERT, WARNING, Finding, Outcome, worst

MOST_SLICES = 25
STYLES = {"pass": "green", WARNING: "yellow", ALERT: "bold red"}
MARKS = {"pass": "", WARNING: " !", ALERT: " !!"}
WORST_FIRST = {ALERT: 0, WARNING: 1, "pass": 2}


def show(outcome: Outcome, console: Console) -> None:
    """Print both tables, every finding, and the status."""
    if outcome.ingestion.empty:
        console.print("Nothing was received: there is nothing to judge, and so no score.")
    else:
        console.print(_ingestion(outcome))
    console.print(_marts(outcome))
    for finding in sorted(outcome.findings, key=lambda one: WORST_FIRST[one.level]):
        where = " ".join(part for part in (finding.key, finding.column) if part)
        line = f"{finding.level}: {finding.suite} {where}: {finding.says}"
        console.print(Text(line, style=STYLES[finding.level]))
    console.print(Text(f"quality gate: {outcome.status}", style=STYLES[outcome.status]))


def _ingestion(outcome: Outcome) -> Table:
    """One row a tenant: (all), then the worst, then the biggest."""
    columns = list(outcome.thresholds["column_name"])
    frame = outcome.ingestion
    newest = f"{frame['newest_hour_at'].iloc[0]:%Y-%m-%d %H}:59 UTC"
    table = Table(
        title=f"Events received in the 24 hours up to {newest}",
        caption="! target missed   !! alert breached",
        title_justify="left",
    )
    for name in ("tenant", "events", *columns, "score", "status"):
        left = name == "tenant"
        table.add_column(name.replace("_", " "), justify="left" if left else "right", no_wrap=left)
    rows = frame.to_dict("records")
    status = {row["slice"]: worst(_about(outcome, row["slice"])) for row in rows}
    rows.sort(
        key=lambda row: (row["slice"] != "(all)", WORST_FIRST[status[row["slice"]]], -row["events"])
    )
    for row in rows[:MOST_SLICES]:
        table.add_row(
            row["slice"],
            f"{int(row['events']):,}",
            *(_cell(outcome, row, column) for column in columns),
            _number(row["quality_score"]),
            Text(status[row["slice"]], style=STYLES[status[row["slice"]]]),
        )
    if len(rows) > MOST_SLICES:
        table.add_row(f"and {len(rows) - MOST_SLICES} more")
    return table


def _marts(outcome: Outcome) -> Table:
    table = Table(title="Marts", title_justify="left")
    for name in ("mart", "rule", "rows", "rows without a key", "rows that break it", "status"):
        table.add_column(name, justify="left" if name in ("mart", "rule") else "right")
    for row in outcome.marts.to_dict("records"):
        status = worst(_about(outcome, row["mart"]))
        table.add_row(
            row["mart"],
            row["rule"],
            f"{int(row['row_count']):,}",
            f"{int(row['null_keys']):,}",
            f"{int(row['broken_rows']):,}",
            Text(status, style=STYLES[status]),
        )
    return table


def _about(outcome: Outcome, key: str, column: str | None = None) -> list[Finding]:
    return [
        finding
        for finding in outcome.findings
        if finding.key == key and column in (None, finding.column)
    ]


def _cell(outcome: Outcome, row: dict[Any, Any], column: str) -> Text:
    level = worst(_about(outcome, row["slice"], column))
    return Text(_number(row[column]) + MARKS[level], style=STYLES[level])


def _number(value: float) -> str:
    return "no data" if value is None or math.isnan(value) else f"{value:,.2f}"
