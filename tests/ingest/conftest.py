"""Fixtures: a real collector, started by its own command on a free loopback port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.ingest.collector import Collector

# A busy machine is no bug: time is judged where a test says so.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

StartCollector = Callable[..., Collector]


@pytest.fixture
def start_collector(tmp_path: Path) -> Iterator[StartCollector]:
    """Start collectors that end with the test; see `Collector` for the options."""
    running: list[Collector] = []

    def start(workers: int = 1, data: Path | None = None, port: int = 0, **env: str) -> Collector:
        collector = Collector(data or tmp_path / "data", workers, port, env)
        running.append(collector)
        return collector

    yield start
    for collector in running:
        collector.kill()


@pytest.fixture(scope="module")
def shared_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for the tests of a module that only send and look."""
    collector = Collector(tmp_path_factory.mktemp("shared"))
    yield collector
    collector.kill()
