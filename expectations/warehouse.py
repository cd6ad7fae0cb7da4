"""The two places where marts can lie, each read by the same SQL."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

QUERIES = Path(__file__).parent / "queries"
QUERY_TIMEOUT_SECONDS = 300
BIGQUERY_TARGETS = ("prod", "emulator")


class CannotCheck(Exception):
    """There is nothing to check; the message says what to do."""


class Warehouse(Protocol):
    """Something that answers a query with a frame."""

    def frame(self, sql: str) -> pd.DataFrame:
        """Run one query; raise CannotCheck if it cannot be run."""


def measure(warehouse: Warehouse, name: str, as_of: dt.date | None = None) -> pd.DataFrame:
    """Run the named query of `queries/`, as of the end of a day (UTC) if one is given."""
    end = as_of + dt.timedelta(days=1) if as_of else dt.date.max
    sql = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    return warehouse.frame(sql.replace(":as_of_end", f"timestamp '{end} 00:00:00'"))


def warehouse_of(target: str, data: Path) -> Warehouse:
    """The warehouse of a dbt target: the DuckDB file in `data`, or BigQuery."""
    if target == "local":
        return DuckDBWarehouse(data / "warehouse.duckdb")
    if target in BIGQUERY_TARGETS:
        return BigQueryWarehouse.from_environment(target)
    known = ", ".join(("local", *BIGQUERY_TARGETS))
    raise CannotCheck(f"there is no target {target!r}: choose one of {known}")


class DuckDBWarehouse:
    """A DuckDB file, opened to read for each query, so that it is never held."""

    def __init__(self, path: Path) -> None:
        """Read the file in a data folder; raise CannotCheck if it does not exist."""
        if not path.is_file():
            raise CannotCheck(f"there is no warehouse at {path}: run `bioqms build` first")
        self.path = path

    def frame(self, sql: str) -> pd.DataFrame:
        """Run one query."""
        import duckdb

        try:
            with duckdb.connect(str(self.path), read_only=True) as connection:
                return connection.execute(sql).df()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise CannotCheck(f"{_first_line(error)}: run `bioqms build` first") from error
        except duckdb.Error as error:
            message = f"cannot read {self.path}; is a build still running? {_first_line(error)}"
            raise CannotCheck(message) from error


class BigQueryWarehouse:
    """A BigQuery dataset."""

    def __init__(self, client: Any, project: str, dataset: str) -> None:
        """Read `project.dataset` with a google.cloud.bigquery client."""
        self.client = client
        self.dataset = f"{project}.{dataset}"

    @classmethod
    def from_environment(cls, target: str) -> BigQueryWarehouse:
        """Read the same variables as profiles.yml; the emulator needs no credentials."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        dataset = os.environ.get("BIOQMS_BQ_DATASET", "analytics")
        if target == "emulator":
            project = os.environ.get("BIOQMS_BQ_PROJECT", "bioqms-test")
            endpoint = os.environ.get("BIOQMS_BQ_ENDPOINT", "http://127.0.0.1:9050")
            client = bigquery.Client(
                project=project,
                credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
                client_options={"api_endpoint": endpoint},
            )
            return cls(client, project, dataset)
        project = os.environ.get("BIOQMS_BQ_PROJECT", "")
        if not project:
            raise CannotCheck("set BIOQMS_BQ_PROJECT to the Google Cloud project of the warehouse")
        location = os.environ.get("BIOQMS_BQ_LOCATION", "US")
        try:
            client = bigquery.Client(project=project, location=location)
        except Exception as error:
            raise CannotCheck(f"BigQuery: {_first_line(error)}") from error
        return cls(client, project, dataset)

    def frame(self, sql: str) -> pd.DataFrame:
        """Run one query."""
        import pandas as pd
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(default_dataset=self.dataset)
        try:
            job = self.client.query(sql, job_config=config, timeout=QUERY_TIMEOUT_SECONDS)
            rows = job.result(timeout=QUERY_TIMEOUT_SECONDS)
        except Exception as error:
            raise CannotCheck(f"BigQuery: {_first_line(error)}") from error
        names = [field.name for field in rows.schema]
        return pd.DataFrame([list(row.values()) for row in rows], columns=names)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
