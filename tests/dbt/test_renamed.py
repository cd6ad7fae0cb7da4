"""A project of another name: somebody's copy of this one, or a project that installs it."""

import json
import re
import shutil
from pathlib import Path

import duckdb

from tests.dbt.project import ROOT, dbt, succeeded

FOLDERS = ("models", "macros", "seeds", "snapshots", "analyses", "tests/data")
FLAGS = "select activity_events, engagement_events from int_session_fragments"
SEEN = {
    "event_id": "e1",
    "event_name": "button.clicked",
    "timestamp": "2026-02-16T12:00:00Z",
    "received_at": "2026-02-16T12:00:01Z",
    "user_id": "u",
    "anonymous_id": "d",
    "tenant_id": "acme",
}


def renamed(place: Path, name: str) -> Path:
    """Copy the project under another name."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, place / folder)
    shutil.copy(ROOT / "profiles.yml", place)
    settings = (ROOT / "dbt_project.yml").read_text()
    # The profile keeps its name.
    settings = re.sub(r"^(name: |  )bioqms\b", rf"\g<1>{name}", settings, flags=re.MULTILINE)
    (place / "dbt_project.yml").write_text(settings)
    return place


def query(data: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(data / "warehouse.duckdb")) as connection:
        return connection.execute(sql).fetchall()


def test_a_changed_catalogue_changes_history_under_any_name(tmp_path: Path) -> None:
    project = renamed(tmp_path / "project", "acme_telemetry")
    log = tmp_path / "data" / "log" / "date=2026-02-16" / "hour=12"
    log.mkdir(parents=True)
    (log / "0.jsonl").write_text(json.dumps(SEEN) + "\n")
    chosen = ("--select", "+int_session_fragments")
    build = ("build", *chosen, "--exclude-resource-type", "unit_test", "test")
    succeeded(dbt(tmp_path, *build, project=project))
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text())
    assert "seed.acme_telemetry.event_catalog" in manifest["nodes"]
    assert query(tmp_path / "data", FLAGS) == [(0, 0)]

    catalog = project / "seeds" / "event_catalog.csv"
    click = "button.clicked,button,false,false"
    assert click in catalog.read_text()
    catalog.write_text(catalog.read_text().replace(click, "button.clicked,button,true,true"))
    succeeded(dbt(tmp_path, *build, project=project))
    assert query(tmp_path / "data", FLAGS) == [(1, 1)]
