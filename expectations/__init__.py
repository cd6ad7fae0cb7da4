"""The quality gate: SQL measures the marts, Great Expectations checks the measures.

`queries/` holds the measures, `suites/` what is expected of them, `checkpoint.py` runs one on the
other. Only marts and the seed of thresholds are read.
"""

import os

# Great Expectations reads it when it is imported: nothing leaves this machine.
os.environ["GX_ANALYTICS_ENABLED"] = "false"
