"""`bioqms build --select` on BigQuery: the missing parents are found there, too."""

from __future__ import annotations

from pathlib import Path

from tests.bigquery.emulated import EmulatedWarehouse
from tests.cli.small_project import SmallProject
from tests.servers import BigQueryEmulator


def test_missing_parents_are_built_and_the_dataset_is_named(
    bigquery_emulator: BigQueryEmulator, tmp_path: Path
) -> None:
    small = SmallProject(tmp_path)
    small.write(
        "models",
        "letters",
        "select id, letter from {{ ref('words') }}, unnest(split(word, '')) letter",
    )
    warehouse = EmulatedWarehouse(bigquery_emulator, "selection", small.data)
    settings = warehouse.settings() | {"BIOQMS_TARGET": "emulator"}
    done = small.run("build", "--select", "letters", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.splitlines()
    assert shown[1:3] == ["built   2 models", "parents 1 of these did not exist yet"]
    assert f"where   {warehouse.project}.analytics (target emulator)" in shown
    again = small.run("build", "--select", "letters", **settings)
    assert again.stdout.splitlines()[1] == "built   1 model"
