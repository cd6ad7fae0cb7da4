"""The ledger of `bioqms load` and `bioqms replay`, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.sources.ledger import Ledger

_REASONS_SHOWN = 10


def lines_of(ledger: Ledger) -> Iterator[str]:
    """The sum, and the commonest reasons of refusals."""
    lost = ledger.read - ledger.accepted - ledger.rejected - ledger.suppressed
    suppressed = f" + suppressed {ledger.suppressed:,}" if ledger.suppressed else ""
    not_landed = f", not landed: {lost:,}" if lost else ""
    yield (
        f"read {ledger.read:,} = accepted {ledger.accepted:,} + rejected {ledger.rejected:,}"
        f"{suppressed}  (blank lines: {ledger.blank:,}{not_landed})"
    )
    for reason, count in ledger.reasons.most_common(_REASONS_SHOWN):
        yield f"  {count:>8,}  {reason}"
    more = len(ledger.reasons) - _REASONS_SHOWN
    if more > 0:
        yield f"            and {more:,} other reasons"
