"""A demo works wherever it is started, and obeys no setting that is not its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bioqms.demo.children import SETTINGS, sealed
from tests.demo.demos import Demo
from tests.demo.test_ends import MANY, sends
from tests.processes import living, wait_until
from tests.surroundings import HOSTILE, TERMINAL


def test_settings_are_sealed_off() -> None:
    kept = {"PATH": "/bin", "TZ": "Asia/Tokyo", "BIOQMS_PROJECT": "/elsewhere"}
    added = {"PYTHONWARNINGS"}
    assert {
        name: value
        for name, value in sealed(kept | {f"{prefix}X": "1" for prefix in SETTINGS}).items()
        if name not in added
    } == kept


def test_its_commands_know_no_setting_of_the_caller(tmp_path: Path) -> None:
    with Demo(tmp_path / "demo", events=MANY, **HOSTILE) as demo:
        wait_until(lambda: sends(demo.data))
        for pid in set(living(demo.data)) - {demo.process.pid}:
            environment = Path(f"/proc/{pid}/environ").read_text().split("\0")
            names = {variable.partition("=")[0] for variable in environment}
            assert {name for name in names if name.startswith(SETTINGS)} == {"BIOQMS_WRITE_KEYS"}
        demo.send(signal.SIGTERM)


@pytest.mark.parametrize("surroundings", ["production", "bare"])
def test_it_shows_the_marts(surroundings: str, tmp_path: Path) -> None:
    if surroundings == "production":
        data = tmp_path / "demo"
        variables = {name: value for name, value in HOSTILE.items() if name not in TERMINAL}
    else:
        # No home, no UTF-8, a narrow terminal, files that nobody else may read.
        (tmp_path / "file").write_text("")
        data = tmp_path / "Käse und Brot" / "demo"
        variables = {"HOME": str(tmp_path / "file" / "home"), "LC_ALL": "C", "TZ": "Asia/Tokyo"}
        variables |= {"COLUMNS": "40"}
    before = os.umask(0o022 if surroundings == "production" else 0o077)
    try:
        demo = Demo(data, "--days=10", events=3_000, **variables)
    finally:
        os.umask(before)
    with demo:
        assert demo.process.wait() == 0, demo.output + demo.errors
    assert "sent 3,000 = accepted" in demo.output
    assert "DAU/MAU" in demo.output
    assert f"warehouse: {data}/warehouse.duckdb" in demo.output
