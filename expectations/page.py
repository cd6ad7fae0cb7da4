"""What was found, as one page: it loads nothing, and needs no script, network or colour."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from expectations import view
from expectations.checkpoint import Outcome
from expectations.view import Subject, Value

TEMPLATE = Path(__file__).parent / "pages" / "summary.html"
WORDS = {"tenant", "mart", "rule", "status", "level", "where", "what", "check", "direction", "unit"}


def write(outcome: Outcome, path: Path) -> None:
    """Write the page, in place of the last run's. Raises OSError where it cannot be written."""
    path.write_text(html(outcome), encoding="utf-8")


def html(outcome: Outcome) -> str:
    """The page: status first, then what was found, then every measure and its limits."""
    empty = outcome.ingestion.empty
    sections = [
        _found(outcome),
        "" if empty else _subjects("Receipts", view.LEGEND, "tenant", view.receipts(outcome)),
        _subjects(
            view.MARTS_TITLE,
            "No row may lack its key or break its rule",
            "mart",
            view.marts(outcome),
        ),
        _limits(outcome),
    ]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        status=outcome.status,
        says=escape(view.SAYS[outcome.status]),
        window=escape(view.NOTHING_RECEIVED if empty else view.receipts_title(outcome)),
        sections="\n".join(filter(None, sections)),
    )


def _found(outcome: Outcome) -> str:
    found = view.findings(outcome)
    if not found:
        return ""
    rows = [
        [
            _cell("td", one.level, one.level),
            _cell("td", " ".join(part for part in (one.suite, one.key, one.column) if part)),
            _cell("td", one.says),
        ]
        for one in found
    ]
    return _section("What was found", "The worst first", ["level", "where", "what"], rows)


def _subjects(title: str, caption: str, kind: str, subjects: list[Subject]) -> str:
    labels = [value.label for value in subjects[0].values] if subjects else []
    rows = [
        [
            _cell("th", one.name),
            *(_value(value) for value in one.values),
            _cell("td", one.status, one.status),
        ]
        for one in subjects
    ]
    return _section(title, caption, [kind, *labels, "status"], rows)


def _limits(outcome: Outcome) -> str:
    rows = [
        [
            _cell("th", row["check_name"].replace("_", " ")),
            _cell("td", row["direction"].replace("_", " ")),
            _cell("td", f"{row['target']:g}", "number"),
            _cell("td", f"{row['alert']:g}", "number"),
            _cell("td", row["unit"]),
        ]
        for row in outcome.thresholds.to_dict("records")
    ]
    headings = ["check", "direction", "target", "alert", "unit"]
    return _section("Limits", "A value equal to a limit passes", headings, rows)


def _section(title: str, caption: str, headings: list[str], rows: Iterable[list[str]]) -> str:
    """A heading and a table, which scrolls by itself where the screen is narrow."""
    head = "".join(
        f'<th scope="col"{"" if name in WORDS else _class("number")}>{escape(name)}</th>'
        for name in headings
    )
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        f"<h2>{escape(title)}</h2>\n"
        f'<div class="scroll" role="region" aria-label="{escape(title)}" tabindex="0">\n'
        f"<table>\n<caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _value(value: Value) -> str:
    if value.label in WORDS:
        return _cell("td", value.text)
    return _cell("td", value.marked, f"number {value.level}".removesuffix(" pass"))


def _cell(tag: str, text: str, style: str = "") -> str:
    scope = ' scope="row"' if tag == "th" else ""
    return f"<{tag}{scope}{_class(style)}>{escape(text)}</{tag}>"


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""
