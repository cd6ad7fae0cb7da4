"""What is opt-in on BigQuery: row access by tenant, search indexes."""

from __future__ import annotations

import json
from datetime import date

import pytest
from google.cloud import bigquery

from tests.bigquery.analyzer import Warehouse
from tests.bigquery.emulated import BuildFailedError, EmulatedWarehouse
from tests.models.worlds import world
from tests.servers import ROOT, BigQueryEmulator

AS_OF = date(2026, 11, 20)
MART = "active_users_daily"
# Who sends no name. session_user() calls it `anonymous`, so the test lets it in by this one.
BUILDER = "user:anonymous@bqemulator.local"


@pytest.fixture(scope="module")
def emulated(
    bigquery_emulator: BigQueryEmulator, tmp_path_factory: pytest.TempPathFactory
) -> EmulatedWarehouse:
    """A small world of several tenants, landed and built up to one mart."""
    warehouse = EmulatedWarehouse(bigquery_emulator, "operations", tmp_path_factory.mktemp("ops"))
    warehouse.land(world(1, AS_OF, "w_")[:60])
    build(warehouse, f"+{MART}")
    return warehouse


def build(warehouse: EmulatedWarehouse, select: str, row_access: object = None) -> list[str]:
    """Build models; returns the row access policies that were sent."""
    variables = json.dumps({"as_of_date": str(AS_OF), "row_access": row_access})
    exclude = ["--exclude-resource-types", "unit_test", "test"]
    sent = warehouse.dbt("build", "--select", select, *exclude, "--vars", variables)
    return [each.sql for each in sent if "row access policy" in each.sql]


def tenants(warehouse: EmulatedWarehouse, reader: str) -> set[str]:
    """The tenants whose rows of the mart somebody sees."""
    client = bigquery.Client(
        project=warehouse.project,
        credentials=warehouse.client._credentials,
        client_options={"api_endpoint": warehouse.emulator.url},
    )
    client._http.headers["x-bqemu-caller"] = reader
    rows = client.query(f"select distinct tenant_id from analytics.{MART}").result(timeout=60)  # noqa: S608
    return {row["tenant_id"] for row in rows}


def test_a_tenant_s_people_see_its_rows_alone(emulated: EmulatedWarehouse) -> None:
    everyone = tenants(emulated, BUILDER)
    assert len(everyone) > 2
    first, second, *_ = sorted(everyone)
    theirs, ours = "user:jane@theirs.example.com", "user:joe@ours.example.com"
    access = {"everybody": [ours, BUILDER], "tenants": {first: [theirs], second: [theirs, ours]}}
    policies = build(emulated, MART, access)
    try:
        assert tenants(emulated, theirs) == {first, second}
        assert tenants(emulated, ours) == everyone
        assert tenants(emulated, BUILDER) == everyone, "the next build would read nothing"
        assert tenants(emulated, "user:stranger@example.com") == set()
    finally:
        names = [sql.partition("policy ")[2].split()[0] for sql in policies]
        for name in names:
            drop = f"drop row access policy {name} on analytics.{MART}"
            emulated.client.query(drop).result(timeout=60)

    warehouse = Warehouse()
    warehouse.add(("operations", "analytics", MART), {"tenant_id": "STRING"})
    kinds = [statement.kind for sql in policies for statement in warehouse.run(sql)]
    assert kinds == ["ResolvedCreateRowAccessPolicyStmt"] * 3


def test_without_the_variable_there_is_no_policy(emulated: EmulatedWarehouse) -> None:
    assert build(emulated, MART) == []


def test_what_is_no_tenant_is_refused(emulated: EmulatedWarehouse) -> None:
    with pytest.raises(BuildFailedError, match="is no tenant_id"):
        build(emulated, MART, {"tenants": {"' or true or '": ["user:x@example.com"]}})


def test_bigquery_takes_the_search_indexes(emulated: EmulatedWarehouse) -> None:
    # The emulator has none: the statements are made, and the analyzer reads them.
    macro = "{{ search_index_statements() | join(';\\n') }}"
    emulated.dbt("compile", "--inline", macro)
    [compiled] = (emulated.folder / "target" / "compiled").rglob("inline_query*")
    warehouse = Warehouse()
    columns = emulated.client.get_table("analytics.int_events").schema
    path = ("operations", "analytics", "int_events")
    warehouse.add(path, {column.name: "STRING" for column in columns})
    statements = warehouse.run(compiled.read_text())
    assert {statement.kind for statement in statements} == {"ResolvedCreateIndexStmt"}


def test_the_handbook_names_what_there_is() -> None:
    handbook = (ROOT / "docs" / "production.md").read_text()
    assert "row_access" in handbook
    assert "dbt run-operation create_search_indexes" in handbook


def test_an_hourly_build_tests_the_newest_days(emulated: EmulatedWarehouse) -> None:
    variables = json.dumps({"as_of_date": "2026-01-10", "test_days": 3})
    select = "stg_events fct_events active_users_daily,resource_type:test"
    emulated.dbt("compile", "--select", *select.split(), "--vars", variables)
    manifest = json.loads((emulated.folder / "target" / "manifest.json").read_text())
    compiled = {
        name.split(".")[2]: " ".join(node["compiled_code"].split())
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test" and node.get("compiled_code")
    }
    since = "date_add(cast('2026-01-10' as date), interval -2 day)"
    for name, condition in {
        "not_null_stg_events__loaded_at": f"_loaded_at >= cast({since} as timestamp)",
        # Its own `where` stays.
        "not_null_stg_events__landing_key": "(_loaded_at >= cast('1970-01-01' as timestamp)) and",
        "not_null_fct_events_event_id": f"event_date >= {since}",
    }.items():
        assert condition in compiled[name], compiled[name]
    # A table without partitions is tested whole.
    assert since not in compiled["not_null_active_users_daily_activity_date"]


def test_bigquery_takes_the_analyses(emulated: EmulatedWarehouse) -> None:
    emulated.dbt("compile", "--select", "resource_type:analysis")
    manifest = json.loads((emulated.folder / "target" / "manifest.json").read_text())
    warehouse = Warehouse()
    for node in manifest["nodes"].values():
        # A mart has the columns of its contract: test_sent.
        if node["resource_type"] == "model" and node["path"].startswith("marts/"):
            columns = {name: c["data_type"].upper() for name, c in node["columns"].items()}
            warehouse.add(("operations", "analytics", node["name"]), columns)
    analyses = {
        node["name"]: node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "analysis"
    }
    assert set(analyses) == {file.stem for file in (ROOT / "analyses").glob("*.sql")}
    for sql in analyses.values():
        [statement] = warehouse.run(sql)
        assert statement.kind == "ResolvedQueryStmt"
