"""The whole demo on another day: collector, models, gate, marts."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clock.shift import environment
from tests.servers import ROOT

SOAK = pytest.mark.soak
# Nothing of the caller's reaches the demo.
NOT_OURS = ("BIOQMS_", "DBT_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("days", "events", "window"),
    [
        (400, 5_000, 20),
        (6, 7, 3),
        *(pytest.param(days, 5_000, 20, marks=SOAK) for days in range(1, 8)),
        pytest.param(400, 200_000, 60, marks=SOAK),
    ],
)
def test_the_demo_passes_on_another_day(
    shifted_clock: Path, tmp_path: Path, days: int, events: int, window: int
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    data = tmp_path / "demo"
    last_day = datetime.now(UTC).date() + timedelta(days=days - 1)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bioqms", "demo"),
            *("--events", str(events), "--days", str(window), "--data", str(data)),
        ],
        cwd=ROOT,
        env=kept
        | environment(shifted_clock, days)
        | {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert "quality gate: pass" in done.stdout
    # Midnight may have passed since.
    newest = max(path.name for path in (data / "log").glob("date=*"))
    assert newest in {f"date={last_day + timedelta(days=late)}" for late in (0, 1)}
    assert f"sent {events:,} = accepted" in done.stdout
