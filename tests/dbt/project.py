"""The dbt project as dbt sees it: its manifest and, after a build of nothing, its catalogue."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def dbt(folder: Path, *command: str, data: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run one dbt command on the local target; whatever it writes lies in `folder`.

    `data` is the data folder as BIOQMS_DATA names it, `folder`/data unless given.
    """
    environment = os.environ | {
        "BIOQMS_TARGET": "local",
        "BIOQMS_DATA": data or str(folder / "data"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DO_NOT_TRACK": "1",
    }
    if data is None:
        (folder / "data").mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def succeeded(outcome: subprocess.CompletedProcess[str]) -> None:
    """Fail with what dbt said."""
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@dataclass(frozen=True)
class Project:
    """The manifest, by the names people use."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Project":
        """Read what dbt wrote."""
        return cls(folder, json.loads((folder / "target" / "manifest.json").read_text()))

    def nodes(self, kind: str) -> dict[str, dict[str, Any]]:
        """Models, seeds, snapshots or tests by name."""
        return {
            node["name"]: node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == kind
        }

    @property
    def marts(self) -> dict[str, dict[str, Any]]:
        """The models below models/marts."""
        return {
            name: node
            for name, node in self.nodes("model").items()
            if node["original_file_path"].startswith("models/marts/")
        }

    def columns(self, model: str) -> list[str]:
        """The columns of a model's contract, in its order."""
        return list(self.nodes("model")[model]["columns"])

    @property
    def unit_tests(self) -> set[tuple[str, str]]:
        """Every unit test as (model, name)."""
        return {(test["model"], test["name"]) for test in self.manifest["unit_tests"].values()}

    def grain(self, model: str) -> list[str] | None:
        """The columns that a test says are unique together, None where none does."""
        wanted = self.nodes("model")[model]["unique_id"]
        for test in self.nodes("test").values():
            of_model = test.get("attached_node") == wanted
            if of_model and test["test_metadata"]["name"] == "unique_combination":
                columns: list[str] = test["test_metadata"]["kwargs"]["columns"]
                return columns
        return None
