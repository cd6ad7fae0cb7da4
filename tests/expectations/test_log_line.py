"""The line of JSON that alerts and charts read, on a real DuckDB file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bioqms.cli.check import check
from tests.expectations.marts import build

HOUR = "event_quality_hourly"


def logged(folder: Path, *options: str) -> dict[str, Any]:
    """The last line that `bioqms check --log-line` prints."""
    command = ["--data", str(folder), "--no-docs", "--log-line", *options]
    said: dict[str, Any] = json.loads(CliRunner().invoke(check, command).stdout.splitlines()[-1])
    return said


def another(tenant: str, events: int, p50: str, p95: str, p99: str, hour: str = "23") -> str:
    """Add a tenant's hour."""
    return (
        f"insert into {HOUR} select * replace ("  # noqa: S608
        f"'{tenant}' as tenant_id, {events} as events, {p50} as p50_latency_seconds, "
        f"{p95} as p95_latency_seconds, {p99} as p99_latency_seconds, "
        f"timestamp '2026-03-31 {hour}:00:00' as received_hour_at) from {HOUR} limit 1"
    )


@pytest.mark.parametrize(
    ("rejected", "status", "severity", "warnings", "alerts"),
    [(0, "pass", "INFO", 0, 0), (101, "warning", "WARNING", 2, 0), (501, "alert", "ERROR", 2, 2)],
)
def test_the_line_says_the_status_and_how_many_findings(
    tmp_path: Path, rejected: int, status: str, severity: str, warnings: int, alerts: int
) -> None:
    """One finding for the tenant, one for all tenants; a crossed alert is also a missed target."""
    said = logged(build(tmp_path, f"update {HOUR} set rejected_events = {rejected}"))  # noqa: S608
    assert said["check"] == "quality_gate"
    assert (said["status"], said["severity"]) == (status, severity)
    assert said["message"] == f"quality gate: {status}"
    assert (said["warnings"], said["alerts"]) == (warnings, alerts)
    assert len(said["findings"]) == warnings + alerts
    assert all("schema_valid_pct" in finding for finding in said["findings"])


def test_a_percentile_is_what_the_tenants_of_that_share_do_not_exceed(tmp_path: Path) -> None:
    # `a` has 10,000 of 10,600 events: over half, under 95 %.
    said = logged(
        build(tmp_path, another("b", 500, "7.0", "8.0", "9.0"), another("c", 100, "70", "80", "90"))
    )
    assert said["latency_seconds"] == {"p50": 1.0, "p95": 8.0, "p99": 9.0}
    assert said["newest_hour"].startswith("2026-03-31T23:00:00")


def test_only_the_newest_hour_counts_and_as_of_hides_what_came_later(tmp_path: Path) -> None:
    later = another("b", 50_000, "7.0", "8.0", "9.0").replace("03-31 23", "04-01 05")
    folder = build(tmp_path, another("b", 50_000, "5.0", "5.0", "5.0", hour="22"), later)
    assert logged(folder)["latency_seconds"] == {"p50": 7.0, "p95": 8.0, "p99": 9.0}
    earlier = logged(folder, "--as-of", "2026-03-31")
    assert earlier["latency_seconds"] == {"p50": 1.0, "p95": 2.0, "p99": 3.0}


def test_an_hour_without_a_readable_time_has_no_latency(tmp_path: Path) -> None:
    columns = ", ".join(f"p{of}_latency_seconds = null" for of in (50, 95, 99))
    said = logged(build(tmp_path, f"update {HOUR} set {columns}"))  # noqa: S608
    assert "latency_seconds" not in said
    assert said["status"] == "alert"


def test_without_the_option_nothing_is_json(tmp_path: Path) -> None:
    output = CliRunner().invoke(check, ["--data", str(build(tmp_path)), "--no-docs"]).output
    assert not [line for line in output.splitlines() if line.startswith("{")]
