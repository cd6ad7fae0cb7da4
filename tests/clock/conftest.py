"""The library that shifts the wall clock, compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clock.shift import build
from tests.servers import ServerMissingError, _do_without


@pytest.fixture(scope="session")
def shifted_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it cannot be had the test fails in CI (``CI`` is set) and is skipped elsewhere."""
    try:
        return build(tmp_path_factory.mktemp("clock"))
    except ServerMissingError as missing:
        _do_without(missing)
