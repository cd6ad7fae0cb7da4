"""`bioqms backfill` recomputes the days of its range and no others."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

BIOQMS = Path(sys.executable).with_name("bioqms")
FRAGMENTS = "select * from int_session_fragments order by event_date"


def bioqms(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BIOQMS_")}
    return subprocess.run(
        [BIOQMS, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def query(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        return connection.execute(sql).fetchall()


def land(data: Path, name: str, *days: int) -> None:
    source = data / f"{name}.jsonl"
    source.parent.mkdir(parents=True, exist_ok=True)
    events = [
        {
            "event_id": f"{name}-{day}",
            "event_name": "page.viewed",
            "timestamp": f"2026-02-{day:02}T12:00:00Z",
            "received_at": f"2026-02-{day:02}T12:00:01Z",
            "user_id": "u",
            "anonymous_id": "d",
            "tenant_id": "acme",
        }
        for day in days
    ]
    source.write_text("".join(json.dumps(event) + "\n" for event in events))
    assert bioqms("load", str(source), "--data", str(data)).returncode == 0


def test_the_range_is_fixed_other_days_are_untouched_and_new_rows_are_read(
    tmp_path: Path,
) -> None:
    # The warehouse is new: what the model reads is built too.
    options = ["--data", str(tmp_path), "--quiet", "--select", "int_session_fragments"]
    land(tmp_path, "first", *range(10, 16))
    built = bioqms("build", *options)
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    sound = query(tmp_path, FRAGMENTS)
    assert len(sound) == 6

    # Day 12 is lost, all others are damaged; days 12 and 13 are asked for. Day 15 gets an event.
    query(tmp_path, "update int_session_fragments set locale = 'damaged'")
    query(tmp_path, "delete from int_session_fragments where day(event_date) = 12")
    damaged = query(tmp_path, FRAGMENTS)
    land(tmp_path, "second", 15)
    options[-1] = "+int_session_fragments"  # what is there already is not built by itself
    done = bioqms("backfill", "--from", "2026-02-12", "--to", "2026-02-13", *options)
    assert done.returncode == 0, done.stderr
    healed = query(tmp_path, FRAGMENTS)
    assert healed[2:4] == sound[2:4]
    assert (healed[:2], healed[4]) == (damaged[:2], damaged[3])
    # The ledger says that the new event was taken in, and it was.
    counts = "select event_count, locale from int_session_fragments where day(event_date) = 15"
    assert query(tmp_path, counts) == [(2, None)]


def test_a_range_that_is_none_is_refused(tmp_path: Path) -> None:
    backwards = bioqms("backfill", "--from", "2026-02-13", "--to", "2026-02-12")
    assert backwards.returncode == 2
    assert "--to is before --from" in backwards.stderr
    endless = bioqms("backfill", "--from", "2000-01-01", "--to", "2026-02-12")
    assert endless.returncode == 2
    assert "more than 4,000 days" in endless.stderr
