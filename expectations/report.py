"""What was found, for a terminal of any width."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from expectations import view
from expectations.checkpoint import ALERT, PASS, WARNING, Outcome
from expectations.view import Subject

MOST_SUBJECTS = 25
STYLES = {PASS: "green", WARNING: "yellow", ALERT: "bold red"}
# What a narrow table leaves out: no check reads it. The page has everything.
LEFT_OUT = {"score", "rule"}
# The narrowest card that holds a tenant's name, or a label and a long number.
CARD_WIDTH = 36
CARD_GAP = 3


def show(outcome: Outcome, console: Console) -> None:
    """Print what was measured, every finding, and the status."""
    if outcome.ingestion.empty:
        console.print(view.NOTHING_RECEIVED)
    else:
        _print(view.receipts_title(outcome), "tenant", view.receipts(outcome), console)
        console.print(Text(view.LEGEND, style="dim italic"))
    _print(view.MARTS_TITLE, "mart", view.marts(outcome), console)
    for finding in view.findings(outcome):
        where = " ".join(part for part in (finding.key, finding.column) if part)
        line = f"{finding.level}: {finding.suite} {where}: {finding.says}"
        console.print(Text(line, style=STYLES[finding.level]))
    console.print(Text(f"quality gate: {outcome.status}", style=STYLES[outcome.status]))


def _print(title: str, kind: str, subjects: list[Subject], console: Console) -> None:
    """Print the first of these that fits: a table, a table of the essentials, cards."""
    shown = subjects[:MOST_SUBJECTS]
    console.print(Text(title, style="italic"))
    tables = (_table(kind, shown), _table(kind, shown, compact=True))
    fitting = (table for table in tables if _width(table, console) <= console.width)
    console.print(next(fitting, None) or _cards(shown, console.width))
    if len(subjects) > len(shown):
        console.print(f"and {len(subjects) - len(shown)} more")


def _width(table: Table, console: Console) -> int:
    """Columns of the terminal that a table takes, if nothing of it is cut."""
    return Measurement.get(console, console.options.update(max_width=10_000), table).maximum


def _table(kind: str, subjects: list[Subject], *, compact: bool = False) -> Table:
    """A row a subject. Nothing wraps but headings, and these at every word: its width is known."""
    table = (
        Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False) if compact else Table()
    )
    left_out = LEFT_OUT if compact else set()
    labels = [value.label for value in subjects[0].values] if subjects else []
    for name in (kind, *labels, "status"):
        if name not in left_out:
            justify: JustifyMethod = "left" if name in (kind, "rule") else "right"
            table.add_column(name.replace(" ", "\n"), justify=justify, no_wrap=True)
    for one in subjects:
        cells = [
            Text(value.marked, style=STYLES[value.level])
            for value in one.values
            if value.label not in left_out
        ]
        table.add_row(one.name, *cells, Text(one.status, style=STYLES[one.status]))
    return table


def _cards(subjects: list[Subject], width: int) -> Group:
    """As many cards beside each other as fit."""
    beside = max((width + CARD_GAP) // (CARD_WIDTH + CARD_GAP), 1)
    each = (width + CARD_GAP) // beside - CARD_GAP
    rows: list[RenderableType] = []
    for start in range(0, len(subjects), beside):
        row = Table.grid(padding=(0, CARD_GAP, 0, 0))
        cards = [_card(one) for one in subjects[start : start + beside]]
        for _ in cards:
            row.add_column(width=each)
        row.add_row(*cards)
        rows += [row, Text()]
    return Group(*rows)


def _card(one: Subject) -> Group:
    """A name and its status, and below a line a value; a text is folded, never cut."""
    head, lines = _pairs(), _pairs()
    head.add_row(Text(one.name, style="bold"), Text(one.status, style=STYLES[one.status]))
    words = []
    for value in one.values:
        if value.label == "rule":
            words.append(Padding(value.text, (0, 0, 0, 2)))
        else:
            lines.add_row(f"  {value.label}", Text(value.marked, style=STYLES[value.level]))
    return Group(head, *words, lines)


def _pairs() -> Table:
    pairs = Table.grid(expand=True, padding=(0, 1, 0, 0))
    pairs.add_column(overflow="fold", ratio=1)
    pairs.add_column(justify="right", no_wrap=True)
    return pairs
