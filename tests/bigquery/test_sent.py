"""What dbt sends is what BigQuery takes: every statement of a first build and of an increment."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.bigquery.analyzer import RefusedError, Statement, Warehouse
from tests.bigquery.conftest import AS_OF, History
from tests.bigquery.emulated import Sent
from tests.bigquery.inputs import raw_types, seed_types
from tests.bigquery.reads import OPTIONS, reads
from tests.bigquery.rules import unpruned

PROJECT = "history"
APPENDED = {"stg_events", "int_touched_days"}


def project(history: History) -> Warehouse:
    """What is there before the first statement: raw.events and the seeds."""
    warehouse = Warehouse(options=OPTIONS)
    warehouse.add(
        (PROJECT, "raw", "events"),
        raw_types(),
        partition_column="publish_time",
        requires_partition_filter=True,
    )
    for node in history.manifest["nodes"].values():
        if node["resource_type"] == "seed":
            warehouse.add((PROJECT, "analytics", node["alias"]), seed_types(node))
    return warehouse


@pytest.fixture(scope="module")
def judged(history: History) -> dict[str, Any]:
    """Pass everything through the analyzer, in the order in which it was sent."""
    warehouse = project(history)
    refused: list[str] = []
    accepted: list[tuple[Sent, list[Statement]]] = []
    for sent in [*history.first, *history.increment]:
        try:
            accepted.append((sent, analyzed(warehouse, sent)))
        except RefusedError as error:
            # What was built on a refused model is refused for that alone.
            if "Table not found" not in error.reason or not refused:
                refused.append(f"{sent.node}: {error.reason}")
    return {"warehouse": warehouse, "accepted": accepted, "refused": refused}


def analyzed(warehouse: Warehouse, sent: Sent) -> list[Statement]:
    """The statements of a job; none of a unit test's, on which nothing is built."""
    if sent.node.startswith("unit_test."):
        warehouse.check(sent.sql)
        return []
    return warehouse.run(sent.sql)


def test_bigquery_takes_every_statement(judged: dict[str, Any]) -> None:
    assert judged["refused"] == []


def test_everything_was_sent(history: History, judged: dict[str, Any]) -> None:
    nodes = {sent.node for sent, _ in judged["accepted"]}
    expected = {
        name
        for name, node in history.manifest["nodes"].items()
        if node["resource_type"] in {"model", "snapshot", "test"}
    }
    unit_tests = set(history.manifest["unit_tests"])
    assert unit_tests
    assert (expected | unit_tests) - nodes == set()


def test_columns_are_those_of_the_contracts(history: History, judged: dict[str, Any]) -> None:
    warehouse: Warehouse = judged["warehouse"]
    wrong = []
    for node in history.manifest["nodes"].values():
        if node["resource_type"] != "model" or not node["path"].startswith("marts/"):
            continue
        promised = {name: c["data_type"].upper() for name, c in node["columns"].items()}
        table = warehouse.tables[PROJECT, "analytics", node["name"]]
        promised = {name: kind.partition("(")[0] for name, kind in promised.items()}
        if dict(table.columns) != promised:
            wrong.append((node["name"], set(table.columns.items()) ^ set(promised.items())))
    assert wrong == []


def test_an_increment_scans_no_history(history: History, judged: dict[str, Any]) -> None:
    """Every model's statement filters the partition column of what it reads and writes, bare."""
    warehouse: Warehouse = judged["warehouse"]
    increment = {id(sent) for sent in history.increment}
    scans = {
        (sent.node.rpartition(".")[2], name.rpartition(".")[2], column)
        for sent, statements in judged["accepted"]
        if id(sent) in increment
        and sent.node.startswith("model.")
        and is_incremental(history, sent)
        for statement in statements
        for name, column in unpruned(statement.resolved, warehouse.tables)
        if "__dbt_tmp" not in name
    }
    # An append merges on false, which reads nothing.
    assert {scan for scan in scans if scan[0] not in APPENDED or scan[0] != scan[1]} == set()


def test_an_increment_opens_event_tables_where_something_is_new(
    history: History, judged: dict[str, Any]
) -> None:
    """What a build reads of all events that ever came is one narrow key, in search of copies."""
    increment = {id(sent) for sent in history.increment}
    whole = {
        (read.node, read.table, *sorted(read.columns))
        for sent, statements in judged["accepted"]
        if id(sent) in increment and sent.node.startswith("model.")
        for statement in statements
        for read in reads(
            sent.node.rpartition(".")[2], statement, judged["warehouse"].tables, AS_OF
        )
        if read.table in {"events", "stg_events", "int_events"} and read.days is None
    }
    assert whole == {("int_event_copies", "stg_events", "_loaded_at", "event_key")}


def is_incremental(history: History, sent: Sent) -> bool:
    config = history.manifest["nodes"][sent.node]["config"]
    return bool(config["materialized"] == "incremental")


@pytest.mark.parametrize(
    "model", ["int_session_fragments", "int_feature_events", "int_profile_events"]
)
def test_an_increment_overwrites_listed_partitions(history: History, model: str) -> None:
    [merge] = [
        " ".join(sent.sql.lower().split())
        for sent in history.increment
        if sent.node == f"model.bioqms.{model}" and "merge into" in sent.sql.lower()
    ]
    assert re.search(r"not matched by source and \S+event_date in \( ?date '", merge)
