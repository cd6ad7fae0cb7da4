"""The same rows make the same marts on BigQuery's emulator and on DuckDB."""

from __future__ import annotations

import pytest

from tests.bigquery.conftest import History
from tests.models.compare import compare, report


@pytest.mark.parametrize("build", [0, 1], ids=["first build", "increment"])
def test_every_mart_is_equal_row_by_row(history: History, build: int) -> None:
    expected, got = history.duckdb[build], history.bigquery[build]
    differences = compare(expected, got, expected, every_column=True)
    assert not differences, report(differences)


def test_there_was_something_to_compare(history: History) -> None:
    empty = {name for name, rows in history.bigquery[1].items() if not rows}
    assert not empty
    assert len(history.bigquery[1]["fct_events"]) > len(history.bigquery[0]["fct_events"])
