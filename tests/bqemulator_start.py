"""Start the BigQuery emulator, run by the Python of its own environment, with six faults fixed.

It translates SQL with recursive walks, which deep expressions (`a || b || ...` of thirty terms)
overflow; and its list of a table's columns leaves out structs, so that `select *` loses them.
Without that list it translates as well, without types. Its numeric has 18 digits, 3 of them behind
the point, where BigQuery's has 38 and 9. Each of its twenty steps parses the statement again, which
is most of the time that a build takes: here a text is parsed once. And it knows `create table
(columns) as` of a bare query only, where dbt writes parentheses around the query of a contract; and
`set options (...)` only where no option holds parentheses, as labels do.
"""

import gc
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bqemulator.cli import main  # type: ignore[import-not-found]
from bqemulator.jobs import executor  # type: ignore[import-not-found]
from bqemulator.sql import inner_query  # type: ignore[import-not-found]
from bqemulator.sql.rewriter import alter_table_set_options as table_options  # type: ignore[import-not-found]
from bqemulator.sql.rewriter import create_table_schema_ctas as typed_tables
from sqlglot import exp
from sqlglot.dialects import dialect as dialects
from sqlglot.generators.duckdb import DuckDBGenerator

RECURSION_LIMIT = 20_000
REMEMBERED_TEXTS = 16
"""The steps take turns with a few forms of one statement."""
NUMERIC = (38, 9), (38, 38)
"""Digits, and those behind the point: when none are named, and at most."""
ALLOCATIONS = 200_000
"""Between two looks for garbage: with the usual 700, and so many trees, looking takes a quarter."""
_known_columns = inner_query.build_catalog_schema


def _columns(bq_sql: str, **settings: Any) -> dict[str, dict[str, str]]:
    """Return the columns of the tables of a query; nothing if structs or lists are among them."""
    catalog = settings["catalog"]
    known = {}

    class Watched:
        """The catalogue, remembering which tables were asked for."""

        def get_table(self, *path: str) -> Any:
            found = catalog.get_table(*path)
            known[path] = found
            return found

    columns = _known_columns(bq_sql, **(settings | {"catalog": Watched()}))
    fields = [field for table in known.values() if table for field in table.schema_.fields]
    has_nested = any(field.type.upper() in {"RECORD", "STRUCT"} for field in fields)
    return {} if has_nested or any(field.mode == "REPEATED" for field in fields) else columns


Dialect: Any = dialects.Dialect
_parse = Dialect.parse


@lru_cache(maxsize=REMEMBERED_TEXTS)
def _parsed(kind: Callable[[], Any], sql: str) -> Any:
    return _parse(kind(), sql)


def _parse_once(dialect: Any, sql: str, **settings: Any) -> Any:
    """Return trees of the caller's own: the steps change what they get."""
    if settings or dialect.settings:
        return _parse(dialect, sql, **settings)
    return [tree and tree.copy() for tree in _parsed(dialect.__class__, sql)]


def _bare_statement(sql: str) -> str:
    """Return a statement without dbt's comment before it, behind which policies are not seen."""
    return re.sub(r"\A\s*/\*.*?\*/", "", sql, flags=re.DOTALL).strip().removesuffix(";").strip()


_first_select = typed_tables._first_select


def _first_select_of_all(body: Any) -> Any:
    """Look into the parentheses that dbt writes around a query."""
    return _first_select(body.unnest() if isinstance(body, exp.Subquery) else body)


def _last_parenthesis(sql: str, _start: int) -> int:
    """Return where the options end: nothing but a semicolon may follow them."""
    return sql.rfind(")")


table_options._match_balanced_parens = _last_parenthesis
typed_tables._first_select = _first_select_of_all
Dialect.parse = _parse_once
executor._strip_trailing_semicolon = _bare_statement
DuckDBGenerator.TYPE_PARAM_SETTINGS[exp.DType.DECIMAL] = NUMERIC
inner_query.build_catalog_schema = _columns
sys.setrecursionlimit(RECURSION_LIMIT)
gc.set_threshold(ALLOCATIONS)
main()
