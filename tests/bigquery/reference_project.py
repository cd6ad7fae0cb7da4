"""The dbt project on Google's reference engine: every model as dbt compiles it for BigQuery.

A first build only. Compiled before any row exists, the text holds nothing of the rows: neither a
list of touched dates nor a watermark. What it does hold of its day is the var as_of_date, and the
instant of compilation as `_loaded_at`. So one compilation serves all rows as of that day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from graphlib import TopologicalSorter
from typing import Any

from tests.bigquery.emulated import EmulatedWarehouse
from tests.bigquery.inputs import raw_events, seed
from tests.bigquery.reference import Content, evaluate

Row = dict[str, Any]
Path = tuple[str, ...]


def compiled(warehouse: EmulatedWarehouse, as_of: date) -> dict[str, Any]:
    """Compile every model for BigQuery; return dbt's manifest. No model of it may be built yet."""
    variables = json.dumps({"as_of_date": str(as_of)})
    warehouse.dbt("compile", "--select", "resource_type:model", "--vars", variables)
    manifest = json.loads((warehouse.folder / "target" / "manifest.json").read_text())
    return dict(manifest)


def build(
    manifest: Mapping[str, Any], rows: Sequence[Row], tenants: Sequence[Row]
) -> dict[str, Content]:
    """Build every model on rows of the landing log; return the models by name.

    ``tenants`` are further rows of the seed of that name.
    """
    [source] = manifest["sources"].values()
    tables = {_path(source): raw_events(rows)}
    models = {}
    for node in in_order(manifest):
        if node["resource_type"] == "seed":
            tables[_path(node)] = seed(node)
            if node["name"] == "tenants":
                tables[_path(node)] = _with_rows(tables[_path(node)], tenants)
        else:
            models[node["name"]] = tables[_path(node)] = evaluate(node["compiled_code"], tables)
    return models


def in_order(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield seeds and models, each after all that it reads."""
    nodes = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] in {"seed", "model"}
    }
    parents = {name: set(manifest["parent_map"][name]) & nodes.keys() for name in nodes}
    for name in TopologicalSorter(parents).static_order():
        yield nodes[name]


def as_rows(content: Content) -> list[Row]:
    """Return the rows of a table by column name."""
    return [dict(zip(content.columns, row, strict=True)) for row in content.rows]


def _path(node: Mapping[str, Any]) -> Path:
    """Return the path of a relation, whose name dbt quotes part by part."""
    return tuple(re.findall(r"`([^`]+)`", node["relation_name"]))


def _with_rows(content: Content, rows: Sequence[Row]) -> Content:
    more = [[row.get(column) for column in content.columns] for row in rows]
    return Content(content.columns, [*content.rows, *more])
