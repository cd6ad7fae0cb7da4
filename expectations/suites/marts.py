"""What is expected of the marts: rows where there must be some, keys, and their own rules."""

from __future__ import annotations

import great_expectations.expectations as gxe
from great_expectations import ExpectationSuite

NAME = "marts"
KEY = "mart"


def suite() -> ExpectationSuite:
    """Each count of faults is zero, and no rule was left out."""
    faults = {
        "missing_rows": "has no rows",
        "null_keys": "rows have no key",
        "broken_rows": "rows break its rule",
    }
    return ExpectationSuite(
        name=NAME,
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1, severity="critical", meta={"says": "no mart was read"}
            ),
            *(
                gxe.ExpectColumnValuesToNotBeNull(
                    column=column, severity="critical", meta={"says": "no value to check"}
                )
                for column in faults
            ),
            *(
                gxe.ExpectColumnValuesToBeBetween(
                    column=column,
                    min_value=0,
                    max_value=0,
                    severity="critical",
                    meta={"says": says},
                )
                for column, says in faults.items()
            ),
        ],
    )
