"""Nothing that a person has set in their shell reaches the tests, nor what `make` runs."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import ROOT
from tests.surroundings import DEAD, HOSTILE, sheltered


def test_settings_go_and_the_loopback_is_exempt_from_proxies() -> None:
    assert sheltered(
        {"PATH": "/bin", "no_proxy": "x.test", **dict(HOSTILE, no_proxy="x.test")}
    ) == {
        "PATH": "/bin",
        **dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"), DEAD),
        "no_proxy": "x.test,127.0.0.1,localhost",
        "NO_PROXY": "x.test,127.0.0.1,localhost",
        "BIOQMS_SEED": "7",
        "DBT_TARGET_PATH": "elsewhere",
        "PYTHONPATH": "/nowhere",
    }


def test_tests_of_a_collector_pass_behind_a_dead_proxy() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/cli/test_commands.py", "-k", "dev or unknown"],
        cwd=ROOT,
        env=os.environ | HOSTILE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_make_hands_no_setting_on() -> None:
    """`make unit` and `make docs` build with dbt: never against production."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--eval", "show: ; @env", "show"],
        cwd=ROOT,
        env=os.environ | HOSTILE,
        capture_output=True,
        text=True,
        check=True,
    )
    handed_on = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert {name for name in handed_on if name.startswith(("BIOQMS_", "DBT_"))} == {
        "BIOQMS_SEED",
        "DBT_TARGET_PATH",
        "DBT_LOG_PATH",
    }
    assert "PYTHONPATH" not in handed_on
    assert handed_on["DBT_TARGET_PATH"] == ".work/target"
