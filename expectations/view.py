"""What a reader is shown of an outcome: the same rows on a terminal and on a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expectations.checkpoint import ALERT, PASS, WARNING, Finding, Outcome, worst

WORST_FIRST = {ALERT: 0, WARNING: 1, PASS: 2}
MARKS = {PASS: "", WARNING: " !", ALERT: " !!"}
LEGEND = "! target missed, !! alert crossed"
NOTHING_RECEIVED = "Nothing was received: there is nothing to check, so there is no score."
MARTS_TITLE = "Marts"
SAYS = {
    PASS: "Every target is met.",
    WARNING: "No alert was crossed, but a target was missed.",
    ALERT: "An alert was crossed, a mart breaks its rule, or there was nothing to check.",
}


@dataclass(frozen=True)
class Value:
    """A measure as it is shown; `level` is its own, so that one bad number can stand out."""

    label: str
    text: str
    level: str = PASS

    @property
    def marked(self) -> str:
        """The text with its mark, for readers who cannot see colors."""
        return self.text + MARKS[self.level]


@dataclass(frozen=True)
class Subject:
    """What a row is about: a tenant or a mart, its measures, and the worst of what was found."""

    name: str
    values: list[Value]
    status: str


def findings(outcome: Outcome) -> list[Finding]:
    """What was found, the worst first."""
    return sorted(outcome.findings, key=lambda one: WORST_FIRST[one.level])


def receipts_title(outcome: Outcome) -> str:
    """The window that was checked; raise IndexError if nothing was received."""
    newest = outcome.ingestion["newest_hour_at"].iloc[0]
    return f"Events received in the 24 hours up to {newest:%Y-%m-%d %H}:59 UTC"


def receipts(outcome: Outcome) -> list[Subject]:
    """A row a tenant: (all), then the worst, then the largest."""
    rows = {str(row["slice"]): row for row in outcome.ingestion.to_dict("records")}
    subjects = [_tenant(outcome, name, row) for name, row in rows.items()]
    subjects.sort(
        key=lambda one: (
            one.name != "(all)",
            WORST_FIRST[one.status],
            -int(rows[one.name]["events"]),
        )
    )
    return subjects


def _tenant(outcome: Outcome, name: str, row: Mapping[Any, Any]) -> Subject:
    about = [one for one in outcome.findings if one.suite == "ingestion" and one.key == name]
    checks = [
        Value(
            column.replace("_", " "),
            _number(row[column]),
            worst(one for one in about if one.column == column),
        )
        for column in outcome.thresholds["column_name"]
    ]
    events = Value("events", f"{int(row['events']):,}")
    score = Value("score", _number(row["quality_score"]))
    return Subject(name, [events, *checks, score], worst(about))


def marts(outcome: Outcome) -> list[Subject]:
    """A row a mart, as it was measured."""
    return [
        Subject(
            row["mart"],
            [
                Value("rule", row["rule"]),
                Value("rows", f"{int(row['row_count']):,}"),
                Value("without a key", f"{int(row['null_keys']):,}"),
                Value("break it", f"{int(row['broken_rows']):,}"),
            ],
            worst(
                one for one in outcome.findings if one.suite == "marts" and one.key == row["mart"]
            ),
        )
        for row in outcome.marts.to_dict("records")
    ]


def _number(value: float | None) -> str:
    return "no data" if value is None or math.isnan(value) else f"{value:,.2f}"
