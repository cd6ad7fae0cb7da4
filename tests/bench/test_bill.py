"""The bill counts what runs round the clock, and takes off what is free once."""

from __future__ import annotations

import pytest

from bench.bigquery_cost import TESTS, VOLUMES
from bench.bigquery_reads import AUDIT
from bench.google_bill import PRICES, Use, dollars, uses
from tests.infra.hcl import load
from tests.servers import ROOT

TERRAFORM = load(ROOT / "infra" / "terraform")
TIB = 2**40


def found(pairs: int = 200) -> dict[str, Use]:
    scanned = {
        volume: {"a_model": TIB / 100, TESTS: TIB / 10, AUDIT: float(TIB)} for volume in VOLUMES
    }
    stored = dict.fromkeys(VOLUMES, (730 * 2.0**30, 2.0**30))
    used = uses(VOLUMES, TERRAFORM, scanned, stored, pairs, 824, 1_000_000)
    return {use.what: use for use in used}


def test_an_idle_collector_costs_a_whole_month() -> None:
    """Its CPU is never idle (cpu_idle = false), and one instance always runs: 2 vCPU, 1 GiB."""
    assert found()["collector: CPU"].amounts[0] == 2 * 30 * 86_400
    assert found()["collector: memory"].amounts[0] == 30 * 86_400


def test_series_are_counted_for_each_process_and_minute() -> None:
    """Two counters, two processes, 43,200 minutes, eight bytes a point."""
    assert found(1)["collector's metrics"].amounts[0] * 2**20 == 2 * 2 * 43_200 * 8


def test_a_day_has_23_builds_and_an_audit() -> None:
    hourly, audit = 0.01 + 0.1, 0.01 + 1
    expected = 30 * (23 * hourly + audit)
    assert found()["queries of the jobs"].amounts[0] == pytest.approx(expected)


def test_storage_is_cheaper_after_90_days() -> None:
    assert found()["events of 90 days"].amounts[0] == pytest.approx(90)
    assert found()["older events"].amounts[0] == pytest.approx(640)


def test_what_is_free_is_taken_off_once() -> None:
    n = len(VOLUMES)
    bill = dollars([Use("one", "cpu", (200_000.0,) * n), Use("two", "cpu", (100_000.0,) * n)])
    assert bill["one"] == [0.0] * n
    assert bill["two"] == pytest.approx([60_000 * PRICES["cpu"].dollars] * n)
