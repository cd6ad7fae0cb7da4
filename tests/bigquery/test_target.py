"""Target `prod`: how dbt reads its connection from the environment, as docs/production.md says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.servers import ROOT


def connection(logs: Path, **environment: str) -> dict[str, str]:
    """The connection that `dbt debug` reports; that it cannot connect does not matter here."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("BIOQMS_")}
    # A key file that is not there: with `oauth` the client would look for a server of Google's.
    key = {"BIOQMS_BQ_METHOD": "service-account", "BIOQMS_BQ_KEYFILE": str(logs / "none.json")}
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", f"--log-path={logs}"]
    folders = [f"--project-dir={ROOT}", f"--profiles-dir={ROOT}", "--target=prod"]
    done = subprocess.run(
        [*command, "debug", *folders],
        env=mine | key | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "profiles.yml file [OK found and valid]" in done.stdout, done.stdout + done.stderr
    return dict(re.findall(r"^\S+ +(\w+): (\S+)$", done.stdout, flags=re.MULTILINE))


def test_the_environment_names_the_warehouse(tmp_path: Path) -> None:
    found = connection(
        tmp_path,
        BIOQMS_BQ_PROJECT="acme",
        BIOQMS_BQ_DATASET="marts",
        BIOQMS_BQ_LOCATION="EU",
        BIOQMS_BQ_MAX_BYTES="5000000",
    )
    assert found["method"] == "service-account"
    assert found["database"] == "acme"
    assert found["schema"] == "marts"
    assert found["location"] == "EU"
    assert found["maximum_bytes_billed"] == "5000000"


def test_a_query_is_capped_unless_told(tmp_path: Path) -> None:
    found = connection(tmp_path, BIOQMS_BQ_PROJECT="acme")
    handbook = (ROOT / "docs" / "production.md").read_text()
    [default] = re.findall(r"^\| `BIOQMS_BQ_MAX_BYTES` \|.*\| (\d+) TB \|$", handbook, re.MULTILINE)
    assert found["maximum_bytes_billed"] == str(int(default) * 10**12)
    assert found["schema"] == "analytics"
    assert found["location"] == "US"
