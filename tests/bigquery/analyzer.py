"""A BigQuery project as Google's analyzer sees it: a catalogue that the statements build.

``Warehouse.run`` takes the text of one job as dbt sends it (a statement or a script), resolves
every statement against the tables known so far, checks what BigQuery refuses beyond ZetaSQL, and
applies what it creates, so that the next model finds its parents with their true column types. No
row is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from zetasql import types as zt
from zetasql.api import Analyzer, Parser
from zetasql.core.exceptions import ZetaSQLError
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

from tests.bigquery.engine import (
    added_functions,
    analyzer_options,
    builtin_functions,
    language,
    parse_type,
    service,
    split_path_quotes,
    type_name,
)
from tests.bigquery.rules import view_partition, violations

Path = tuple[str, ...]


class RefusedError(Exception):
    """BigQuery would refuse a statement; carries the reason and the statement."""

    def __init__(self, reason: str, sql: str) -> None:
        super().__init__(f"{reason}\n---\n{sql.strip()}")
        self.reason = reason
        self.sql = sql


@dataclass(frozen=True)
class Table:
    """A table or view: its columns by name in order, each with its BigQuery type."""

    path: Path
    columns: Mapping[str, str]
    partition_column: str | None = None
    requires_partition_filter: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement that the analyzer accepted.

    ``kind`` is the class of the resolved statement (``ResolvedMergeStmt``), ``columns`` its output,
    if it has any, ``created`` the table that it left in the catalogue, ``resolved`` the tree.
    """

    sql: str
    kind: str
    columns: Mapping[str, str]
    created: Table | None
    resolved: Any = field(repr=False, default=None)


@dataclass
class Warehouse:
    """The tables known so far, by path: (project, dataset, name), or (name,) if temporary.

    ``options`` are the analyzer's own, to find more in the resolved statements.
    """

    tables: dict[Path, Table] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    _variables: dict[str, str] = field(default_factory=dict)

    def add(self, path: Iterable[str], columns: Mapping[str, str], **settings: Any) -> Table:
        """Add a table that no statement creates: a source, a seed loaded by the API."""
        table = Table(tuple(path), dict(columns), **settings)
        self.tables[table.path] = table
        return table

    def run(self, sql: str) -> list[Statement]:
        """Analyze a statement or a script and apply what it defines.

        Raises ``RefusedError`` at the first statement that BigQuery would refuse.
        """
        self._variables = {}
        temporary = {path for path in self.tables if len(path) == 1}
        done = [self._run_one(text, node) for text, node in _split(split_path_quotes(sql))]
        for path in [p for p in self.tables if len(p) == 1 and p not in temporary]:
            del self.tables[path]  # a temporary table ends with its job
        return done

    def check(self, sql: str) -> None:
        """Analyze one statement and forget it. Raises ``RefusedError``.

        Four times quicker than ``run``, most of whose time goes into reading the tree back; so the
        rules beyond ZetaSQL are not asked.
        """
        sql = split_path_quotes(sql)
        analyzer = self._analyzer(sql)
        request = zt.AnalyzeRequest(
            sql_statement=sql, options=analyzer.options, simple_catalog=analyzer.catalog
        )
        try:
            service().wasm_client.call_grpc_func(
                "ZetaSqlLocalService_Analyze",
                request.to_proto(),
                local_service_pb2.AnalyzeResponse,
            )
        except (ZetaSQLError, DecodeError) as error:
            raise RefusedError(str(error), sql) from error

    def _run_one(self, sql: str, node: str) -> Statement:
        if node == "ASTVariableDeclaration":
            return self._declare(sql)
        if node in {"ASTSingleAssignment", "ASTAssignmentFromStruct"}:
            return self._assign(sql)
        try:
            resolved = self._analyzer(sql).analyze_statement(sql)
        except (ZetaSQLError, DecodeError) as error:
            raise RefusedError(str(error), sql) from error
        for reason in violations(resolved, self.tables):
            raise RefusedError(reason, sql)
        kind = type(resolved).__name__
        output = getattr(resolved, "output_column_list", None) or []
        columns = {column.name: type_name(column.column.type) for column in output}
        if len(columns) != len(output):
            raise RefusedError("Duplicate column names in the result", sql)
        return Statement(sql, kind, columns, self._apply(kind, resolved, columns), resolved)

    def _declare(self, sql: str) -> Statement:
        """Type a `declare name[, name] [type] [default expression]` by its default or its type."""
        declaration = Parser(language(), service()).parse_script(sql).statement_list_node
        [node] = declaration.statement_list
        names = [name.id_string for name in node.variable_list.identifier_list]
        start = node.parse_location_range.start
        if node.default_value is not None:
            place = node.default_value.parse_location_range
            text = sql.encode()[place.start - start : place.end - start].decode()
            kind = self._expression_type(text, sql)
        else:
            place = node.type.parse_location_range
            kind = sql.encode()[place.start - start : place.end - start].decode()
        self._variables |= dict.fromkeys(names, kind)
        return Statement(sql, "Declare", dict.fromkeys(names, kind), None)

    def _assign(self, sql: str) -> Statement:
        """Type the right side of `set name = expression` or `set (name, ...) = struct`."""
        names, _, expression = sql.partition("=")
        kind = self._expression_type(expression, sql)
        return Statement(sql, "Assign", {names.partition(" ")[2].strip(): kind}, None)

    def _expression_type(self, expression: str, sql: str) -> str:
        try:
            return type_name(self._analyzer(expression).analyze_expression(expression).type)
        except ZetaSQLError as error:
            raise RefusedError(str(error), sql) from error

    def _apply(self, kind: str, resolved: Any, columns: Mapping[str, str]) -> Table | None:
        """Follow a definition: create, drop, add columns. Data statements change no catalogue."""
        if kind == "ResolvedDropStmt":
            self.tables.pop(tuple(resolved.name_path), None)
            return None
        if kind == "ResolvedAlterTableStmt":
            return self._alter(resolved)
        if kind in {"ResolvedCreateTableStmt", "ResolvedCreateTableAsSelectStmt"}:
            columns = {c.name: type_name(c.type) for c in resolved.column_definition_list}
        elif kind != "ResolvedCreateViewStmt":
            return None
        settings = _partitioning(resolved) | view_partition(resolved, self.tables)
        path = tuple(resolved.name_path)
        mode = resolved.create_mode.name
        if mode == "CREATE_IF_NOT_EXISTS" and path in self.tables:
            return self.tables[path]
        return self.add(path, columns, **settings)

    def _alter(self, resolved: Any) -> Table | None:
        path = tuple(resolved.name_path)
        table = self.tables.get(path)
        if table is None:
            return None
        columns = dict(table.columns)
        for action in resolved.alter_action_list:
            match type(action).__name__:
                case "ResolvedAddColumnAction":
                    definition = action.column_definition
                    columns.setdefault(definition.name, type_name(definition.type))
                case "ResolvedDropColumnAction":
                    columns.pop(action.name, None)
                case "ResolvedRenameToAction":
                    del self.tables[path]
                    path = (*path[:-1], action.new_path[-1])
        settings = (table.partition_column, table.requires_partition_filter)
        self.tables[path] = Table(path, columns, *settings)
        return self.tables[path]

    def _analyzer(self, sql: str) -> Any:
        """Return an analyzer that knows the tables which a text may mean."""
        root = zt.SimpleCatalog(
            name="root",
            builtin_function_options=builtin_functions(),
            custom_function=added_functions(),
        )
        for path, table in self.tables.items():
            if path[-1] not in sql:
                continue
            here = root
            for part in path[:-1]:
                here = _child(here, part)
            here.table.append(_simple_table(table))
        root.constant = [
            zt.SimpleConstant(name_path=[name], type=parse_type(kind), value=zt.Value())
            for name, kind in self._variables.items()
        ]
        options = analyzer_options(**self.options)
        return Analyzer(options, root, service())


def _split(sql: str) -> Iterator[tuple[str, str]]:
    """Yield each statement of a script with the class of its syntax node."""
    data = sql.encode()
    try:
        script = Parser(language(), service()).parse_script(sql)
    except (ZetaSQLError, DecodeError) as error:
        raise RefusedError(str(error), sql) from error
    for node in script.statement_list_node.statement_list:
        place = node.parse_location_range
        yield data[place.start : place.end].decode(), type(node).__name__


def _child(parent: Any, name: str) -> Any:
    for child in parent.catalog:
        if child.name == name:
            return child
    parent.catalog.append(zt.SimpleCatalog(name=name))
    return parent.catalog[-1]


def _simple_table(table: Table) -> Any:
    return zt.SimpleTable(
        name=table.path[-1],
        full_name=".".join(table.path),
        column=[
            zt.SimpleColumn(name=name, type=parse_type(kind), is_writable_column=True)
            for name, kind in table.columns.items()
        ],
    )


def _partitioning(resolved: Any) -> dict[str, Any]:
    """Read the partition column (the one its expression uses) and whether it is required."""
    settings: dict[str, Any] = {}
    for expression in getattr(resolved, "partition_by_list", None) or []:
        inner = expression
        while type(inner).__name__ == "ResolvedFunctionCall":
            inner = inner.argument_list[0]
        settings["partition_column"] = inner.column.name
    for option in getattr(resolved, "option_list", None) or []:
        if option.name.lower() == "require_partition_filter":
            settings["requires_partition_filter"] = option.value.value.value.bool_value
    return settings
