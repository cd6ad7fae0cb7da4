"""Start the BigQuery emulator, run by the Python of its own environment, with two faults mended.

It translates SQL with recursive walks, which deep expressions (`a || b || ...` of thirty terms)
overflow; and its list of a table's columns leaves out structs, so that `select *` loses them.
Without that list it translates as well, without types.
"""

import sys
from typing import Any

from bqemulator.cli import main  # type: ignore[import-not-found]
from bqemulator.sql import inner_query  # type: ignore[import-not-found]

RECURSION_LIMIT = 20_000
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


inner_query.build_catalog_schema = _columns
sys.setrecursionlimit(RECURSION_LIMIT)
main()
