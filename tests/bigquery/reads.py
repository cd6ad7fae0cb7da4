"""What a statement would scan on BigQuery: tables, the columns that it needs, and partitions.

A scan of a partitioned table is cut to the days that the statement's own conditions leave. The
statements must have been analyzed with ``OPTIONS``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zetasql import types as zt

from tests.bigquery import rules
from tests.bigquery.analyzer import Path, Statement, Table

# Scans list the columns that the statement needs; literals say where their text is.
OPTIONS = {
    "prune_unused_columns": True,
    "parse_location_record_type": zt.ParseLocationRecordType.PARSE_LOCATION_RECORD_FULL_NODE_SCOPE,
}
BEGINNING = dt.date(2000, 1, 1)
"""What begins earlier is all of history."""
_FROM = {"$greater", "$greater_or_equal"}
_LISTED = {"$equal", "$in"}
_SHIFTS = {"date_add": 1, "date_sub": -1, "timestamp_add": 1, "timestamp_sub": -1}


@dataclass(frozen=True)
class Read:
    """One scan of a table by a statement of a node.

    `columns` are names with BigQuery types. `days` counts partitions, the newest unless they are
    listed one by one (`is_listed`, as those which new rows touch are); None is the whole table.
    """

    node: str
    table: str
    columns: dict[str, str]
    days: int | None
    is_listed: bool = False


def reads(
    node: str,
    statement: Statement,
    tables: Mapping[Path, Table],
    today: dt.date,
    overwritten: Collection[str] = (),
) -> Iterator[Read]:
    """Yield what a statement scans.

    ``today`` is the newest partition; ``overwritten`` are models whose temporary table holds listed
    days, not new rows.
    """
    if statement.resolved is None or statement.kind == "ResolvedCreateViewStmt":
        return
    if gives_no_rows(statement.resolved):
        return
    resolved = statement.resolved
    conditions = [
        term
        for part in rules.walk(resolved)
        for condition in rules.conditions(part)
        for term in rules.conjuncts(condition)
    ]
    needed = _needed(resolved)
    # A merge that matches nothing reads no row of its target but those which it deletes.
    is_blind = any(_is_false(term) for term in conditions)
    for scan in rules.walk(resolved):
        if type(scan).__name__ != "ResolvedTableScan":
            continue
        path = tuple(scan.table.full_name.split("."))
        table = tables.get(path)
        if table is None or rules.is_insert_target(resolved, scan):
            continue
        days, is_listed = _days(scan, table, conditions, statement.sql, today)
        if is_blind and days is None and scan is getattr(resolved, "table_scan", None):
            continue
        columns = {c.name: table.columns[c.name] for c in scan.column_list if c.column_id in needed}
        # dbt's temporary table holds what the query gave: days that are rewritten, or new rows.
        name = path[-1].partition("__dbt_tmp")[0]
        if name != path[-1]:
            days, is_listed = 1, name in overwritten
        yield Read(node, name, columns, days, is_listed)


def gives_no_rows(resolved: Any) -> bool:
    """Whether a statement is a query that ends with `limit 0`: one that asks only for columns."""
    limit: Any = getattr(getattr(resolved, "query", None), "limit", None)
    return type(limit).__name__ == "ResolvedLiteral" and limit.value.value.int64_value == 0


def _needed(resolved: Any) -> set[int]:
    """Return the ids of columns that something computes with or gives out.

    The analyzer keeps all columns of a CTE; BigQuery reads only those that are used in the end.
    """
    used = {
        node.column.column_id
        for node in rules.walk(resolved)
        if type(node).__name__ == "ResolvedColumnRef"
    }
    outputs = getattr(resolved, "output_column_list", None) or []
    return rules.pushed_down(resolved, used | {output.column.column_id for output in outputs})


def _is_false(term: Any) -> bool:
    """Whether a condition is the literal `false`."""
    return type(term).__name__ == "ResolvedLiteral" and term.value.value.bool_value is False


def _days(
    scan: Any, table: Table, conditions: Iterable[Any], sql: str, today: dt.date
) -> tuple[int | None, bool]:
    """Return how many of the newest days a scan reads, and whether these were listed."""
    ids = {c.column_id for c in scan.column_list if c.name == table.partition_column}
    days: int | None = None
    for term in conditions:
        name = getattr(term, "argument_list", None) and rules.function_name(term)
        if name not in _FROM | _LISTED:
            continue
        side, *values = term.argument_list
        if type(side).__name__ == "ResolvedFunctionCall" and rules.function_name(side) == "date":
            side = side.argument_list[0]
        if type(side).__name__ != "ResolvedColumnRef" or side.column.column_id not in ids:
            continue
        constants = [_constant_day(value, sql) for value in values]
        found = [day for day in constants if day is not None]
        if len(found) < len(constants):
            continue
        if name in _LISTED:
            return len(set(found)), True
        if found[0] >= BEGINNING:
            reach = max(1, (today - found[0]).days + 1)
            days = reach if days is None else min(days, reach)
    return days, False


def _constant_day(expression: Any, sql: str) -> dt.date | None:
    """Return the day of a literal date or timestamp, or of one from which days are taken."""
    if type(expression).__name__ == "ResolvedLiteral":
        # By its text: the package's own classes drop timestamps.
        place = expression.parse_location_range
        found = place and re.search(r"\d{4}-\d\d-\d\d", sql[place.start : place.end])
        return dt.date.fromisoformat(found[0]) if found else None
    if type(expression).__name__ == "ResolvedFunctionCall":
        name = rules.function_name(expression)
        day = _constant_day(expression.argument_list[0], sql)
        if day is not None and name in {"date", "timestamp"}:
            return day
        if day is not None and name in _SHIFTS:
            days = expression.argument_list[1].value.value.int64_value
            return day + _SHIFTS[name] * dt.timedelta(days=days)
    return None
