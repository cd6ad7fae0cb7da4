"""What the tests of replays share: the command, and keys that allow more than before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.ingest.collector import BIOQMS, KEYS, environment, event, read_rows

GLOBEX = event(tenant_id="globex", properties={"n": 1})


def replay(*args: object, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    keys = env.pop("keys", json.dumps(KEYS))
    return subprocess.run(
        [BIOQMS, "replay", *map(str, args), "--data", data], capture_output=True, text=True,
        check=False, timeout=60, env=environment(BIOQMS_WRITE_KEYS=keys, **env),
    )  # fmt: skip


def landed(data: Path) -> list[dict[str, Any]]:
    return read_rows(sorted((data / "log").glob("date=*/hour=*/*.jsonl")))


def allowing(*tenants: str) -> str:
    """The keys, after `web` has been given more tenants."""
    return json.dumps([KEYS[0] | {"tenants": ["acme", *tenants], "default_tenant": "acme"}])
