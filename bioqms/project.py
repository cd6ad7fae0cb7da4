"""Where the dbt project and the data of a run lie."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_DATA = Path("data")


def project_dir() -> Path:
    """The folder that holds dbt_project.yml: this checkout, or BIOQMS_PROJECT."""
    return Path(os.environ.get("BIOQMS_PROJECT", Path(__file__).resolve().parents[1]))


def data_dir(chosen: Path | None) -> Path:
    """The data folder of this run, absolute: the one chosen, else BIOQMS_DATA, else ./data."""
    return (chosen or Path(os.environ.get("BIOQMS_DATA", DEFAULT_DATA))).resolve()


def warehouse(data: Path) -> Path:
    """The DuckDB file in a data folder."""
    return data / "warehouse.duckdb"


def as_shown(path: Path) -> str:
    """A path as a person reads it: relative to the current folder if it lies below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
