"""What `bq` shows is what the marts hold: the commands of docs/production.md, on the emulator."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.bigquery.conftest import History
from tests.models.compare import compare_table, report
from tests.servers import BigQueryEmulator, BqCommand

PROJECT = "history"
MAX_ROWS = "--max_rows=100000"
QUERY = ("query", "--use_legacy_sql=false", MAX_ROWS)
# No timestamps: the emulator answers in microseconds although `bq` did not ask for them, as
# BigQuery would want it to (formatOptions.useInt64Timestamp), and `bq` takes them for seconds.
MARTS = ("active_users_daily", "feature_adoption_matrix")


@pytest.mark.parametrize("mart", MARTS)
def test_bq_query_shows_a_mart(
    bq: BqCommand, history: History, bigquery_emulator: BigQueryEmulator, mart: str
) -> None:
    shown = bq(bigquery_emulator, PROJECT, *QUERY, f"select * from analytics.{mart}")  # noqa: S608
    check(history, mart, json.loads(shown))


def test_bq_head_shows_a_mart(
    bq: BqCommand, history: History, bigquery_emulator: BigQueryEmulator
) -> None:
    shown = bq(bigquery_emulator, PROJECT, "head", MAX_ROWS, f"analytics.{MARTS[0]}")
    check(history, MARTS[0], json.loads(shown))


def check(history: History, mart: str, shown: list[dict[str, Any]]) -> None:
    """Compare with what the Python client read after the second build."""
    expected = history.bigquery[1][mart]
    assert expected
    numbers = {
        column
        for row in expected
        for column, value in row.items()
        if isinstance(value, int | Decimal) and not isinstance(value, bool)
    }
    # `bq` writes every value as text.
    typed = [
        {name: Decimal(text) if text and name in numbers else text for name, text in row.items()}
        for row in shown
    ]
    differences = compare_table(mart, expected, typed, every_column=True)
    assert not differences, report(differences)
