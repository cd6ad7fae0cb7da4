"""`dbt source freshness` judges when the newest event landed."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.dbt.project import dbt


def land(folder: Path, *received: str) -> None:
    """One sealed segment of rows received then, in the folder of the first one's date."""
    place = folder / "data" / "log" / f"date={received[0][:10]}" / "hour=00"
    place.mkdir(parents=True, exist_ok=True)
    rows = [
        {"event_id": f"e{n}", "tenant_id": "t", "received_at": at} for n, at in enumerate(received)
    ]
    segment = place / f"{len(list(place.iterdir()))}.jsonl"
    segment.write_text("\n".join(map(json.dumps, rows)) + "\n")


def hours_ago(hours: float) -> str:
    moment = datetime.now(UTC) - timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all cases, so that the project is parsed once."""
    return tmp_path_factory.mktemp("freshness")


@pytest.mark.parametrize(
    ("newest", "status"), [(0.1, "pass"), (12, "warn"), (48, "error"), (None, "error")]
)
def test_freshness(folder: Path, newest: float | None, status: str) -> None:
    """Older segments and a row without a readable receipt change nothing; an empty log is stale."""
    shutil.rmtree(folder / "data" / "log", ignore_errors=True)
    if newest is not None:
        land(folder, hours_ago(24 * 30))
        land(folder, hours_ago(newest), "soon")
    outcome = dbt(folder, "source", "freshness")
    (result,) = json.loads((folder / "target" / "sources.json").read_text())["results"]
    assert result["status"] == status, outcome.stdout
    assert (outcome.returncode == 0) == (status != "error")
