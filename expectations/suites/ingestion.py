"""What is expected of ingestion: the targets and alerts of the seed quality_thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

if TYPE_CHECKING:
    import pandas as pd

NAME = "ingestion"
KEY = "slice"


def suite(thresholds: pd.DataFrame) -> ExpectationSuite:
    """A missed target is a warning; a crossed alert, or nothing to check, is critical."""
    expectations: list[Any] = [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1, severity="critical", meta={"says": "nothing was received"}
        )
    ]
    for threshold in thresholds.to_dict("records"):
        column, unit = threshold["column_name"], threshold["unit"]
        # A range passes on what is not there, so being there is expected by itself.
        expectations.append(
            gxe.ExpectColumnValuesToNotBeNull(
                column=column, severity="critical", meta={"says": "no value to check"}
            )
        )
        for level, severity in (("target", "warning"), ("alert", "critical")):
            bound = float(threshold[level])
            words = threshold["direction"].replace("_", " ")
            expectations.append(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column,
                    severity=severity,
                    meta={"says": f"{level}: {words} {bound:g} {unit}"},
                    **_range(threshold["direction"], bound),
                )
            )
    return ExpectationSuite(name=NAME, expectations=expectations)


def _range(direction: str, bound: float) -> dict[str, float]:
    """A value equal to a limit passes."""
    if direction == "at_least":
        return {"min_value": bound}
    if direction == "at_most":
        return {"max_value": bound}
    raise ValueError(f"quality_thresholds: unknown direction {direction!r}")
