"""One warehouse, and so one parsed manifest, for all model tests."""

import pytest

from tests.models.harness import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The real project on a landing log and a warehouse of its own."""
    return Warehouse(tmp_path_factory.mktemp("bioqms"))
