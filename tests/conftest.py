"""What holds for every test: its environment, the servers it may use, how workers share files."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.surroundings import sheltered

# Before anything reads it: this process and all that tests start.
_environment = sheltered(os.environ)
os.environ.clear()
os.environ.update(_environment)

pytest_plugins = ["tests.servers"]

# Files whose tests judge the one history of tests/bigquery/conftest.py, which takes minutes to
# make: a worker that gets one of them gets all.
HISTORY = {f"tests/bigquery/test_{name}.py" for name in ("bq", "parity", "sent")}


@pytest.hookimpl(optionalhook=True)  # not there without pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole files to workers, as `--dist loadfile` does, but HISTORY as if it were one."""
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "history" if file in HISTORY else file

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
