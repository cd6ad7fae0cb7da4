"""What BigQuery refuses although ZetaSQL's analyzer accepts it.

Each rule reads a resolved statement and yields reasons. They are BigQuery's documented limits that
a type checker does not know: they come from its planner or its table formats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Protocol

WINDOW_ONLY = {"percentile_disc", "percentile_cont"}
CLUSTERABLE = {"BIGNUMERIC", "BOOL", "DATE", "DATETIME", "INT64", "NUMERIC", "STRING", "TIMESTAMP"}
PARTITIONABLE = {"DATE", "DATETIME", "TIMESTAMP", "INT64"}
PARTITION_FUNCTIONS = {"date", "date_trunc", "datetime_trunc", "timestamp_trunc", "range_bucket"}
MAX_CLUSTER_COLUMNS = 4
# Descriptions of types and functions: large, and without nodes of the statement.
LEAVES = {"annotation_map", "function", "parse_location_range", "signature", "table", "type"}


class HasPartition(Protocol):
    """A table of the catalogue, as far as these rules read it."""

    @property
    def partition_column(self) -> str | None: ...

    @property
    def requires_partition_filter(self) -> bool: ...


def walk(node: Any) -> Iterator[Any]:
    """Yield every node of a resolved tree, parents first."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from walk(item)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        for name in _parts(node.__class__):
            yield from walk(getattr(node, name))


@cache
def _parts(kind: Any) -> tuple[str, ...]:
    """Name the fields of a node that can hold other nodes of the statement."""
    return tuple(part.name for part in fields(kind) if part.name not in LEAVES)


def violations(resolved: Any, tables: Mapping[tuple[str, ...], HasPartition]) -> Iterator[str]:
    """Yield why BigQuery would refuse a statement that the analyzer accepted."""
    for node in walk(resolved):
        match type(node).__name__:
            case "ResolvedAggregateFunctionCall":
                yield from _window_only(node)
            case "ResolvedJoinScan":
                yield from _outer_join(node)
            case "ResolvedCreateTableStmt" | "ResolvedCreateTableAsSelectStmt":
                yield from _table_layout(node)
            case "ResolvedSubqueryExpr":
                yield from _correlated(node)
    yield from _missing_partition_filter(resolved, tables)


def function_name(call: Any) -> str:
    """Return the bare name of a called function, `$equal` or `date_trunc` say."""
    return str(call.function.name).rpartition(":")[2]


def _window_only(call: Any) -> Iterator[str]:
    if (name := function_name(call)) in WINDOW_ONLY:
        yield f"{name} is a window function: it needs OVER"


def _outer_join(join: Any) -> Iterator[str]:
    """Outer joins need an equality of fields from both sides, or a constant condition."""
    kind = join.join_type.name
    if kind == "INNER" or join.join_expr is None:
        return
    left = {column.column_id for column in join.left_scan.column_list}
    right = {column.column_id for column in join.right_scan.column_list}
    for term in conjuncts(join.join_expr):
        if type(term).__name__ == "ResolvedLiteral":
            return
        if type(term).__name__ == "ResolvedFunctionCall" and function_name(term) == "$equal":
            sides = [_columns(argument) for argument in term.argument_list]
            if any(a and b and a <= left and b <= right for a, b in (sides, sides[::-1])):
                return
    yield (
        f"{kind} OUTER JOIN cannot be used without a condition that is an equality of fields from "
        "both sides of the join"
    )


def _correlated(subquery: Any) -> Iterator[str]:
    """A correlated subquery over a table must be one that can be turned into a join."""
    if not subquery.parameter_list:
        return
    outer = {reference.column.column_id for reference in subquery.parameter_list}
    scans = [n for n in walk(subquery.subquery) if type(n).__name__ == "ResolvedTableScan"]
    withs = [n for n in walk(subquery.subquery) if type(n).__name__ == "ResolvedWithRefScan"]
    if not scans and not withs:
        return
    equalities = [
        call
        for call in walk(subquery.subquery)
        if type(call).__name__ == "ResolvedFunctionCall"
        and function_name(call) == "$equal"
        and len([side for side in call.argument_list if _columns(side) & outer]) == 1
    ]
    if not equalities:
        yield (
            "Correlated subqueries that reference other tables are not supported unless they can "
            "be de-correlated, such as by transforming them into an efficient JOIN"
        )


def _table_layout(create: Any) -> Iterator[str]:
    for expression in create.partition_by_list:
        kind = expression.type.type_name()
        if kind not in PARTITIONABLE:
            yield f"PARTITION BY expression of type {kind} is not supported"
        is_call = type(expression).__name__ == "ResolvedFunctionCall"
        if is_call and function_name(expression) not in PARTITION_FUNCTIONS:
            yield f"PARTITION BY {function_name(expression)}(...) is not supported"
        if not is_call and kind in {"TIMESTAMP", "DATETIME", "INT64"}:
            yield f"PARTITION BY a bare column of type {kind}: a day, month or range is needed"
    if len(create.partition_by_list) > 1:
        yield "PARTITION BY takes one expression"
    if len(create.cluster_by_list) > MAX_CLUSTER_COLUMNS:
        yield "CLUSTER BY takes at most four columns"
    for expression in create.cluster_by_list:
        kind = expression.type.type_name()
        if type(expression).__name__ != "ResolvedColumnRef":
            yield "CLUSTER BY takes columns, not expressions"
        elif kind not in CLUSTERABLE:
            yield f"CLUSTER BY column of type {kind} is not supported"


def _missing_partition_filter(
    resolved: Any, tables: Mapping[tuple[str, ...], HasPartition]
) -> Iterator[str]:
    """A table with require_partition_filter is read only under a filter on its partition column."""
    if type(resolved).__name__ == "ResolvedCreateViewStmt":
        return  # who reads the view must filter: view_partition hands the duty on
    for name, column, _ in _unfiltered(resolved, tables):
        yield (
            f"Cannot query over table '{name}' without a filter over column(s) '{column}' that can "
            "be used for partition elimination"
        )


def view_partition(
    resolved: Any, tables: Mapping[tuple[str, ...], HasPartition]
) -> dict[str, str | bool]:
    """Return the settings of a view that hands the duty to filter on to its reader."""
    if type(resolved).__name__ != "ResolvedCreateViewStmt":
        return {}
    for _, _, column_ids in _unfiltered(resolved, tables):
        reachable = {
            output.name: pushed_down(resolved, {output.column.column_id})
            for output in resolved.output_column_list
        }
        for name, sources in reachable.items():
            if sources & column_ids:
                return {"partition_column": name, "requires_partition_filter": True}
    return {}


def _unfiltered(
    resolved: Any, tables: Mapping[tuple[str, ...], HasPartition]
) -> Iterator[tuple[str, str, set[int]]]:
    """Yield (table, partition column, its ids) of each scan that lacks the filter it must have."""
    required = {
        ".".join(path): table.partition_column
        for path, table in tables.items()
        if table.requires_partition_filter and table.partition_column
    }
    yield from _scans_without(resolved, required, partition_filters(resolved, formal=True))


def unpruned(
    resolved: Any, tables: Mapping[tuple[str, ...], HasPartition]
) -> Iterator[tuple[str, str]]:
    """Yield (table, partition column) of each scan of a partitioned table that prunes nothing."""
    partitioned = {
        ".".join(path): table.partition_column
        for path, table in tables.items()
        if table.partition_column
    }
    for name, column, _ in _scans_without(resolved, partitioned, partition_filters(resolved)):
        yield name, column


def _scans_without(
    resolved: Any, required: Mapping[str, str], filtered: set[int]
) -> Iterator[tuple[str, str, set[int]]]:
    if not required:
        return
    for scan in walk(resolved):
        if type(scan).__name__ != "ResolvedTableScan" or scan.table.full_name not in required:
            continue
        column = required[scan.table.full_name]
        wanted = {c.column_id for c in scan.column_list if c.name == column}
        if not wanted & filtered and not is_insert_target(resolved, scan):
            yield scan.table.full_name, column, wanted


def is_insert_target(resolved: Any, scan: Any) -> bool:
    return type(resolved).__name__ == "ResolvedInsertStmt" and resolved.table_scan is scan


def partition_filters(resolved: Any, formal: bool = False) -> set[int]:
    """Return the ids of columns that some filter, join or merge condition compares bare.

    Bare means that the column itself is a side of a comparison, as partition elimination needs.
    ``formal`` also takes `x is null or x is not null`, with which dbt meets the demand for a filter
    without having one.
    """
    found: set[int] = set()
    for node in walk(resolved):
        for condition in conditions(node):
            found |= _compared(condition)
            if formal:
                found |= _always_true(condition)
    return pushed_down(resolved, found)


def conditions(node: Any) -> list[Any]:
    match type(node).__name__:
        case "ResolvedFilterScan":
            return [node.filter_expr]
        case "ResolvedJoinScan":
            return [node.join_expr]
        case "ResolvedMergeStmt":
            return [node.merge_expr, *(when.match_expr for when in node.when_clause_list)]
        case "ResolvedDeleteStmt" | "ResolvedUpdateStmt":
            return [node.where_expr]
    return []


def _always_true(condition: Any) -> set[int]:
    found: set[int] = set()
    for term in conjuncts(condition):
        if type(term).__name__ == "ResolvedFunctionCall" and function_name(term) == "$or":
            inner = {function_name(n) for n in walk(term) if hasattr(n, "argument_list")}
            if inner <= {"$or", "$is_null", "$not"} and len(_columns(term)) == 1:
                found |= _columns(term)
    return found


def pushed_down(resolved: Any, found: set[int]) -> set[int]:
    """Follow filtered columns to where they come from: CTEs, unions, groupings."""
    nodes = list(walk(resolved))
    entries = {
        node.with_query_name: node.with_subquery.column_list
        for node in nodes
        if type(node).__name__ == "ResolvedWithEntry"
    }
    origins: list[tuple[int, int]] = []
    for node in nodes:
        match type(node).__name__:
            case "ResolvedWithRefScan" if node.with_query_name in entries:
                origins += _pairs(node.column_list, entries[node.with_query_name])
            case "ResolvedSetOperationScan":
                for item in node.input_item_list:
                    origins += _pairs(node.column_list, item.output_column_list)
            case "ResolvedAggregateScan":
                origins += [
                    (group.column.column_id, group.expr.column.column_id)
                    for group in node.group_by_list
                    if type(group.expr).__name__ == "ResolvedColumnRef"
                ]
    while more := {source for column, source in origins if column in found} - found:
        found |= more
    return found


def _pairs(columns: list[Any], sources: list[Any]) -> list[tuple[int, int]]:
    return [(a.column_id, b.column_id) for a, b in zip(columns, sources, strict=True)]


COMPARISONS = {
    "$between",
    "$equal",
    "$greater",
    "$greater_or_equal",
    "$in",
    "$in_array",
    "$less",
    "$less_or_equal",
}


def _compared(expression: Any) -> set[int]:
    found: set[int] = set()
    for term in conjuncts(expression):
        name = type(term).__name__
        if name == "ResolvedFunctionCall" and function_name(term) in COMPARISONS:
            found |= {
                side.column.column_id
                for side in term.argument_list
                if type(side).__name__ == "ResolvedColumnRef"
            }
        elif name == "ResolvedSubqueryExpr" and type(term.in_expr).__name__ == "ResolvedColumnRef":
            found.add(term.in_expr.column.column_id)
    return found


def conjuncts(expression: Any) -> Iterator[Any]:
    if expression is None:
        return
    if type(expression).__name__ == "ResolvedFunctionCall" and function_name(expression) == "$and":
        for argument in expression.argument_list:
            yield from conjuncts(argument)
    else:
        yield expression


def _columns(expression: Any) -> set[int]:
    return {
        node.column.column_id
        for node in walk(expression)
        if type(node).__name__ == "ResolvedColumnRef"
    }
