"""One parsed project a worker, and one built of nothing where the catalogue is asked for."""

import pytest

from tests.dbt.project import Project, dbt, succeeded


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """What `dbt parse` accepts."""
    folder = tmp_path_factory.mktemp("parsed")
    succeeded(dbt(folder, "parse"))
    return Project.read(folder)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every seed, model and snapshot built without a row, and the catalogue of what came out."""
    folder = tmp_path_factory.mktemp("built")
    succeeded(
        dbt(folder, "build", "--empty", "--exclude-resource-type", "unit_test", "test", "--quiet")
    )
    succeeded(dbt(folder, "docs", "generate", "--quiet"))
    return Project.read(folder)
