"""What dbt sends is what BigQuery takes: every statement of a first build and of an increment."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.bigquery.analyzer import RefusedError, Statement, Table, Warehouse
from tests.bigquery.conftest import AS_OF, History
from tests.bigquery.emulated import Sent
from tests.bigquery.inputs import raw_types, seed_types
from tests.bigquery.reads import OPTIONS, gives_no_rows, reads
from tests.bigquery.rules import unpruned

PROJECT = "history"
APPENDED = {"stg_events", "int_touched_days"}
EVENT_GRAIN = {"stg_events", "int_events"}
"""Tables of single events: read under a filter only on the partition column."""
DAY_GRAIN = {
    "int_daily_health",
    "int_event_minutes",
    "int_feature_events",
    "int_profile_events",
    "int_receipt_hours",
    "int_session_fragments",
    "int_touched_days",
}
"""Other tables that grow with the log, a partition a day."""


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
            # A model built on a refused one is refused only for that.
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
    """What Google says that a mart's query gives, and what its table is declared to hold."""
    # Before it makes a mart, dbt asks for the query's columns, to hold them against the contract.
    asked = {
        sent.node: dict(statement.columns)
        for sent, statements in judged["accepted"]
        for statement in statements
        if statement.resolved is not None and gives_no_rows(statement.resolved)
    }
    wrong = {}
    for name, node in history.manifest["nodes"].items():
        if node["resource_type"] != "model" or not node["path"].startswith("marts/"):
            continue
        promised = {name: c["data_type"].upper() for name, c in node["columns"].items()}
        promised = {name: kind.partition("(")[0] for name, kind in promised.items()}
        declared = dict(judged["warehouse"].tables[PROJECT, "analytics", node["name"]].columns)
        for columns in (asked[name], declared):
            if columns != promised:
                wrong[name] = set(columns.items()) ^ set(promised.items())
    assert wrong == {}


def test_models_are_made_as_they_are_configured(history: History, judged: dict[str, Any]) -> None:
    """Labels on all; on what grows with the log days, clusters, expiry and a filter."""
    made: dict[str, tuple[Any, Table]] = {}
    for sent, statements in judged["accepted"]:
        for statement in statements:
            if sent.node.startswith(("model.", "snapshot.")) and statement.created:
                made.setdefault(sent.node, (statement.resolved, statement.created))
    kept: dict[str, bool] = {}
    for node, (resolved, table) in made.items():
        name = node.rpartition(".")[2]
        options = {o.name: o.value.value.value for o in resolved.option_list}
        labels = [
            tuple(text.string_value for text in pair.struct_value.field)
            for pair in options["labels"].array_value.element
        ]
        assert dict(labels) == history.manifest["nodes"][node]["config"]["labels"]
        if "partition_expiration_days" in options:
            assert options["partition_expiration_days"].int64_value == 730
            assert table.partition_column
            assert resolved.cluster_by_list or name == "int_touched_days"  # read by the partition
            kept[name] = table.requires_partition_filter
    assert set(made) == {
        name
        for name, node in history.manifest["nodes"].items()
        if node["resource_type"] in {"model", "snapshot"}
        and node["config"]["materialized"] != "ephemeral"
    }
    assert kept == dict.fromkeys(EVENT_GRAIN, True) | dict.fromkeys(DAY_GRAIN, False)


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
