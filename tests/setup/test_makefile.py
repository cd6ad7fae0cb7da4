"""make's commands are sealed off from the settings of the caller's production."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.servers import ROOT


def test_no_setting_of_the_caller_reaches_a_command(tmp_path: Path) -> None:
    show = tmp_path / "show.mk"
    show.write_text("show:\n\t@env\n")
    settings = {
        "BIOQMS_TARGET": "prod",
        "BIOQMS_WRITE_KEYS": "[]",
        "DBT_TARGET_PATH": "/elsewhere",
        "DBT_DEFER": "1",
    }
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile", "-f", show, "show"],
        env={"PATH": os.environ["PATH"], "KEPT": "yes"} | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert seen["KEPT"] == "yes"
    assert not [name for name in seen if name.startswith("BIOQMS_")]
    assert {name: value for name, value in seen.items() if name.startswith("DBT_")} == {
        "DBT_TARGET_PATH": ".work/target",
        "DBT_LOG_PATH": ".work/logs",
    }
