"""Measures the marts, has Great Expectations check the measures, and writes its Data Docs."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig

from expectations.suites import ingestion, marts
from expectations.warehouse import Warehouse, measure

if TYPE_CHECKING:
    import pandas as pd

PASS, WARNING, ALERT = "pass", "warning", "alert"
_LEVELS = {"info": WARNING, "warning": WARNING, "critical": ALERT}


@dataclass(frozen=True)
class Finding:
    """One value that is not as expected; `key` is a tenant or a mart, empty for a whole frame."""

    suite: str
    key: str
    column: str
    level: str
    says: str


@dataclass(frozen=True)
class Outcome:
    """The measures, their thresholds, and the findings."""

    ingestion: pd.DataFrame
    marts: pd.DataFrame
    thresholds: pd.DataFrame
    findings: list[Finding]

    @property
    def status(self) -> str:
        """`pass`, `warning` or `alert`: the worst finding."""
        return worst(self.findings)


def worst(findings: Iterable[Finding]) -> str:
    """The worst level of some findings; `pass` if there are none."""
    levels = {finding.level for finding in findings}
    return ALERT if ALERT in levels else WARNING if WARNING in levels else PASS


def run(warehouse: Warehouse, as_of: dt.date | None = None, docs: Path | None = None) -> Outcome:
    """Check a warehouse and write Data Docs into `docs`; raise CannotCheck if it cannot be read."""
    received = measure(warehouse, "ingestion", as_of)
    rules = measure(warehouse, "marts")
    thresholds = measure(warehouse, "thresholds")
    # Great Expectations does not support decimals and big integers.
    received = as_floats(received, thresholds["column_name"])
    rules = as_floats(rules, ["missing_rows", "null_keys", "broken_rows"])
    context = _context()
    findings = [
        *_judge(context, received, ingestion.suite(thresholds), ingestion.KEY),
        *_judge(context, rules, marts.suite(), marts.KEY),
    ]
    if docs:
        _write_docs(context, docs)
    return Outcome(received, rules, thresholds, findings)


def as_floats(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The frame with these columns as floats; what is missing is NaN."""
    return frame.astype(dict.fromkeys(columns, "float64"))


def _context() -> Any:
    """A context that leaves nothing behind."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _write_docs(context: Any, docs: Path) -> None:
    """Write the pages of what was run in this context, in place of those of the last run."""
    for pages in ("expectations", "validations"):
        shutil.rmtree(docs / pages, ignore_errors=True)
    docs.mkdir(parents=True, exist_ok=True)
    context.add_data_docs_site(
        site_name="local",
        site_config={
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    context.build_data_docs(site_names=["local"])


def _judge(
    context: Any, frame: pd.DataFrame, suite: gx.ExpectationSuite, key: str
) -> list[Finding]:
    """Run one suite on one frame."""
    asset = context.data_sources.add_pandas(suite.name).add_dataframe_asset(suite.name)
    validation = gx.ValidationDefinition(
        name=suite.name,
        data=asset.add_batch_definition_whole_dataframe(suite.name),
        suite=context.suites.add(suite),
    )
    checkpoint = gx.Checkpoint(
        name=suite.name,
        validation_definitions=[context.validation_definitions.add(validation)],
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [key]},
    )
    result = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    return [
        finding
        for validated in result.run_results.values()
        for one in validated.results
        if not one.success
        for finding in _findings(suite.name, one, key)
    ]


def _findings(suite: str, result: Any, key: str) -> list[Finding]:
    """A finding for each row that an expectation did not hold for."""
    config = result.expectation_config
    raised = result.exception_info.get("raised_exception") is not False
    says = "could not be evaluated" if raised else config.meta["says"]
    rows = result.result.get("unexpected_index_list") or [{key: ""}]
    return [
        Finding(
            suite=suite,
            key=str(row[key]),
            column=config.kwargs.get("column", ""),
            level=ALERT
            if raised
            else _LEVELS[str(getattr(config.severity, "value", config.severity))],
            says=says,
        )
        for row in rows
    ]
