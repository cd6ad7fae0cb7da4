"""Step 3, scrub: take personal data out before the event touches a disk.

`scrubber` takes events; `quick` is the look that nearly all of them stop at. `text` decides in
which order a string is looked at: private names (`names`, `pairs`), then patterns (`emails`,
`cards`, `national`, `phones`) in a normal form of it (`normal`). What is promised, and what is
not, is in docs/personal-data.md; how well it holds, `python -m bench.scrub` measures.
"""

from ingest.steps.scrub.marks import (
    CARD_REDACTED,
    EMAIL_REDACTED,
    IBAN_REDACTED,
    NATIONAL_ID_REDACTED,
    PHONE_REDACTED,
    REDACTED,
    SSN_REDACTED,
    is_redacted,
)
from ingest.steps.scrub.names import is_private_name
from ingest.steps.scrub.policy import COUNTRIES, DEFAULT_COUNTRIES, Policy
from ingest.steps.scrub.scrubber import Scrubber
from ingest.steps.scrub.text import scrub_header, scrub_text, scrub_value

__all__ = [
    "CARD_REDACTED",
    "COUNTRIES",
    "DEFAULT_COUNTRIES",
    "EMAIL_REDACTED",
    "IBAN_REDACTED",
    "NATIONAL_ID_REDACTED",
    "PHONE_REDACTED",
    "REDACTED",
    "SSN_REDACTED",
    "Policy",
    "Scrubber",
    "is_private_name",
    "is_redacted",
    "scrub_header",
    "scrub_text",
    "scrub_value",
]
