"""What became of events that came without a request."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ingest.errors import EventError


@dataclass
class Ledger:
    """Every event or line that was read: `read == accepted + rejected + suppressed`.

    Blank lines are not read. `accepted` counts rows that are on disk, so after an error the sum may
    fall short. `suppressed` events were not admitted. `reasons` counts what was refused by path and
    reason.
    """

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    suppressed: int = 0
    blank: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, error: EventError) -> None:
        """Count a refusal; the caller has counted it as read."""
        self.rejected += 1
        self.reasons[str(error)] += 1
