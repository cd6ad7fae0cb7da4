"""Unpack DuckDB's spatial extension, which the BigQuery emulator loads, from its wheel.

Run by the emulator's own Python. The extension goes below the environment's `home`, which is the
emulator's HOME: nothing is downloaded, and nothing of the user's home folder is read or written.
"""

import os
import sys
from pathlib import Path

home = Path(sys.prefix) / "home"
home.mkdir(exist_ok=True)
os.environ["HOME"] = str(home)

import duckdb_extensions  # type: ignore[import-not-found]  # noqa: E402 - HOME comes first

duckdb_extensions.import_extension("spatial")
