"""Every mart of small random worlds is the same on Google's reference engine and on DuckDB.

The emulator of `test_parity` runs BigQuery's SQL by translating it; this engine is Google's own, so
what an emulator gets wrong, or right by accident, shows here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from random import Random

import duckdb
import pytest

from tests.bigquery import reference_project
from tests.bigquery.conftest import LocalWarehouse, Row, Tables, comparable, mart_names
from tests.bigquery.emulated import EmulatedWarehouse
from tests.models.compare import compare, report
from tests.models.play import firms, prefix
from tests.models.worlds import World, world
from tests.servers import BigQueryEmulator

# A plain day, and the first of a year, whose ISO week and last 90 days lie in the year before it.
# The seeds are those of small worlds that together leave no mart empty.
WORLDS = {date(2026, 11, 20): (4, 12, 13, 22), date(2026, 1, 1): (1, 9, 16, 28, 32)}
# Texts that are numbers here and there. The emulator reads as DuckDB does, so it cannot judge them.
NUMBERS = ("1_000", "1e20", "1E+2", " 5 ", "+5.", ".5", "-5", "0x10", "inf", "0.0000000005", "1e40")


@dataclass(frozen=True)
class Built:
    """Every mart of the same rows, by DuckDB and by Google's reference engine."""

    duckdb: Tables
    reference: Tables


@pytest.fixture(scope="module", params=WORLDS, ids=str)
def built(
    request: pytest.FixtureRequest,
    bigquery_emulator: BigQueryEmulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    as_of: date = request.param
    rows = numbers(as_of)
    for number, seed in enumerate(WORLDS[as_of]):
        rows += world(seed, as_of, prefix(number))
    tenants = firms(len(WORLDS[as_of]))
    emulated = EmulatedWarehouse(
        bigquery_emulator, f"reference_{as_of:%Y%m%d}", tmp_path_factory.mktemp("bigquery")
    )
    manifest = reference_project.compiled(emulated, as_of)
    models = reference_project.build(manifest, rows, tenants)
    names = mart_names(manifest)
    local = LocalWarehouse(tmp_path_factory.mktemp("duckdb"))
    return Built(
        duckdb=on_duckdb(local, as_of, rows, tenants, names),
        reference={
            name: [comparable(row) for row in reference_project.as_rows(models[name])]
            for name in names
        },
    )


def numbers(as_of: date) -> list[Row]:
    """Return a payment and a request of every odd number, each by a tenant of its own."""
    made = World(Random(0), as_of, "number_")
    noon = datetime.combine(as_of, time(12), UTC)
    for n, text in enumerate(NUMBERS):
        for name, key in (
            ("subscription.payment_received", "amount"),
            ("api.request_completed", "duration_ms"),
        ):
            made.add(f"number_{n}", noon, name, user_id="u", properties={key: text})
    return made.rows


def on_duckdb(
    local: LocalWarehouse,
    as_of: date,
    rows: list[Row],
    tenants: Sequence[Row],
    names: list[str],
) -> Tables:
    """Build the project with dbt; return the named tables."""
    local.land(rows)
    local.dbt("seed")
    with duckdb.connect(str(local.folder / "warehouse.duckdb")) as connection:
        for row in tenants:
            columns, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(
                f"insert into tenants ({columns}) values ({marks})",  # noqa: S608
                list(row.values()),
            )
    local.dbt("run", "--vars", json.dumps({"as_of_date": str(as_of)}))
    return local.tables(names)


def test_every_mart_is_equal_row_by_row(built: Built) -> None:
    differences = compare(built.duckdb, built.reference, built.duckdb, every_column=True)
    assert not differences, report(differences)


def test_there_was_something_to_compare(built: Built) -> None:
    assert not [name for name, rows in built.reference.items() if not rows]
