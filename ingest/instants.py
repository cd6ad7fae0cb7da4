"""The times of an event, as every row and message writes them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Instants(NamedTuple):
    """The times of an event, in UTC as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""

    timestamp: str
    sent_at: str | None
    received_at: str


def to_text(instant: datetime) -> str:
    """Write an aware instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
