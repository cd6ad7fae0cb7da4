"""The gate on a real DuckDB file: thresholds broken one at a time, and the right exit status."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from bioqms.cli.check import check
from tests.expectations.marts import build

HOUR = "event_quality_hourly"


def run(folder: Path, *options: str) -> Result:
    """Run `bioqms check` on a data folder; its pages are slow."""
    return CliRunner().invoke(check, ["--data", str(folder), "--no-docs", *options])


def hour(**values: float | str) -> str:
    """Change the one healthy hour."""
    pairs = ", ".join(f"{column} = {value}" for column, value in values.items())
    return f"update {HOUR} set {pairs}"  # noqa: S608


def test_a_healthy_warehouse_passes(tmp_path: Path) -> None:
    result = run(build(tmp_path), "--docs")
    assert result.exit_code == 0, result.output
    assert "quality gate: pass" in result.output
    assert (tmp_path / "data_docs" / "index.html").is_file()
    assert "<title>Quality gate: pass<" in (tmp_path / "data_docs" / "summary.html").read_text()


# Of 10,000 events: a value equal to the limit passes, one event beyond it does not.
@pytest.mark.parametrize(
    ("column", "good", "missed", "still_missed", "crossed"),
    [
        ("rejected_events", 100, 101, 500, 501),
        ("duplicate_events", 100, 101, 500, 501),
        ("missing_user_events", 1000, 1001, 2000, 2001),
        ("avg_drift_seconds", 5, 5.000001, 60, 60.000001),
        ("p95_latency_seconds", 10, 10.000001, 60, 60.000001),
    ],
)
def test_targets_warn_and_alerts_fail(
    tmp_path: Path, column: str, good: float, missed: float, still_missed: float, crossed: float
) -> None:
    outcomes = []
    for number, value in enumerate((good, missed, still_missed, crossed)):
        result = run(build(tmp_path / str(number), hour(**{column: value})))
        status = result.output.split("quality gate: ")[1].split()[0]
        outcomes.append((status, result.exit_code))
    assert outcomes == [("pass", 0), ("warning", 0), ("warning", 0), ("alert", 1)]


def test_strict_fails_on_a_missed_target(tmp_path: Path) -> None:
    good, missed, crossed = (
        build(tmp_path / str(events), hour(duplicate_events=events)) for events in (100, 101, 501)
    )
    assert [run(folder, "--strict").exit_code for folder in (good, missed, crossed)] == [0, 1, 1]
    assert run(missed).exit_code == 0


def test_an_alert_names_tenant_check_and_bound(tmp_path: Path) -> None:
    result = run(build(tmp_path, hour(duplicate_events=501)))
    assert "alert: ingestion a duplicate_pct: alert: at most 5 percent" in result.output
    assert "5.01 !!" in result.output


def test_thresholds_are_those_of_the_warehouse(tmp_path: Path) -> None:
    stricter = "update quality_thresholds set alert = 0.5 where check_name = 'duplicates'"
    assert run(build(tmp_path / "1", hour(duplicate_events=51))).exit_code == 0
    assert run(build(tmp_path / "2", hour(duplicate_events=51), stricter)).exit_code == 1


@pytest.mark.parametrize("column", ["avg_drift_seconds", "p95_latency_seconds"])
def test_what_cannot_be_judged_is_an_alert(tmp_path: Path, column: str) -> None:
    """A range passes on NaN: a missing value must not."""
    result = run(build(tmp_path, hour(**{column: "null"})))
    assert result.exit_code == 1
    assert f"{column}: no value to check" in result.output
    assert "no data !!" in result.output


def test_nobody_is_missing_where_nobody_is_expected(tmp_path: Path) -> None:
    result = run(build(tmp_path, hour(user_expected_events=0, missing_user_events=0)))
    assert result.exit_code == 0
    assert "quality gate: pass" in result.output


def test_nothing_received_is_an_alert_without_a_score(tmp_path: Path) -> None:
    result = run(build(tmp_path, f"delete from {HOUR}"))  # noqa: S608
    assert result.exit_code == 1
    assert "nothing to check, so there is no score" in result.output
    assert "alert: ingestion : nothing was received" in result.output.replace("  ", " ")
    assert "100.00" not in result.output


@pytest.mark.parametrize(
    ("mart", "change"),
    [
        ("active_users_daily", "update active_users_daily set dau = 3"),
        ("active_users_daily", "update active_users_daily set mau = 1"),
        ("active_users_daily", "update active_users_daily set engaged_wau = 0"),
        ("active_users_daily", "update active_users_daily set wau = null"),
        ("active_users_daily", "update active_users_daily set tenant_id = null"),
        ("active_users_daily", "delete from active_users_daily"),
        ("event_quality_hourly", hour(quality_score=100.01)),
        ("event_quality_hourly", hour(quality_score="null")),
        ("cohort_retention", "update cohort_retention set active_users = 5"),
        ("cohort_retention", "update cohort_retention set retention_pct = 100.01"),
        ("cohort_retention", "update cohort_retention set cohort = null"),
        ("feature_adoption_funnel", "update feature_adoption_funnel set cumulative_users = 10"),
        ("feature_adoption_funnel", "update feature_adoption_funnel set exposed_users = 8"),
        ("user_rfm", "update user_rfm set recency_score = 6"),
        ("user_rfm", "update user_rfm set frequency_score = 0"),
        ("user_rfm", "update user_rfm set monetary_score = -1"),
        ("user_rfm", "update user_rfm set behavioral_segment = null"),
        (
            "fct_sessions",
            "update fct_sessions set session_end_at = timestamp '2026-03-31 09:59:59'",
        ),
        ("fct_sessions", "update fct_sessions set event_count = 0"),
    ],
)
def test_a_broken_mart_fails(tmp_path: Path, mart: str, change: str) -> None:
    result = run(build(tmp_path, change))
    assert result.exit_code == 1, result.output
    assert f"alert: marts {mart} " in result.output


def test_marts_that_may_be_empty_may_be(tmp_path: Path) -> None:
    empty = [
        f"delete from {mart}"  # noqa: S608
        for mart in ("cohort_retention", "feature_adoption_funnel", "user_rfm", "fct_sessions")
    ]
    assert run(build(tmp_path, *empty)).exit_code == 0


def another_hour(at: str, **values: float | str) -> str:
    """Add an hour like the healthy one."""
    pairs = ", ".join(f"{value} as {column}" for column, value in values.items())
    return (
        f"insert into {HOUR} select * replace (timestamp '{at}' as received_hour_at, {pairs}) "  # noqa: S608
        f"from {HOUR} limit 1"
    )


def test_the_window_is_the_last_24_hours(tmp_path: Path) -> None:
    bad = {"duplicate_events": 2000}
    inside = another_hour("2026-03-31 00:00:00", **bad)
    outside = another_hour("2026-03-30 23:00:00", **bad)
    assert run(build(tmp_path / "in", inside)).exit_code == 1
    assert run(build(tmp_path / "out", outside)).exit_code == 0


def test_as_of_hides_what_came_later(tmp_path: Path) -> None:
    folder = build(tmp_path, another_hour("2026-04-01 00:00:00", duplicate_events=2000))
    assert run(folder).exit_code == 1
    assert run(folder, "--as-of", "2026-03-31").exit_code == 0


def test_a_tenant_is_judged_by_itself(tmp_path: Path) -> None:
    """Its duplicates drown in all events, but not in its own."""
    other = another_hour("2026-03-31 23:00:00", tenant_id="'b'", events=10, duplicate_events=1)
    result = run(build(tmp_path, other))
    assert result.exit_code == 1
    assert "alert: ingestion b duplicate_pct" in result.output
    assert "ingestion (all)" not in result.output


def test_few_slow_events_do_not_decide_a_day(tmp_path: Path) -> None:
    slow = {"p95_latency_seconds": 3600}
    few = another_hour("2026-03-31 12:00:00", events=500, user_expected_events=500, **slow)
    many = another_hour("2026-03-31 12:00:00", events=530, user_expected_events=530, **slow)
    assert run(build(tmp_path / "few", few)).exit_code == 0
    assert run(build(tmp_path / "many", many)).exit_code == 1


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "run `bioqms build` first" in result.output


def test_without_marts_it_says_what_to_do(tmp_path: Path) -> None:
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "run `bioqms build` first" in result.output


def test_a_file_that_is_no_warehouse_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_text("not a database" * 1000)
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "cannot open" in result.output


def test_a_warehouse_that_is_being_built_cannot_be_read(tmp_path: Path) -> None:
    build(tmp_path)
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        result = run(tmp_path)
        writer.communicate("\n")
    assert result.exit_code == 2
    assert f"(pid {writer.pid})" in result.output


def test_an_unknown_target_is_refused(tmp_path: Path) -> None:
    result = run(build(tmp_path), "--target", "nowhere")
    assert result.exit_code == 2
    assert "choose one of local, prod, emulator" in result.output


def test_a_second_run_leaves_one_report(tmp_path: Path) -> None:
    build(tmp_path)
    for _ in range(2):
        assert run(tmp_path, "--docs").exit_code == 0
    assert len(list((tmp_path / "data_docs" / "validations").rglob("*.html"))) == 2
