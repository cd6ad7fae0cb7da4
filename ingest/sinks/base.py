"""What the collector asks of the place where rows go."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Where rows go: the landing log here, a message queue elsewhere."""

    def write(self, events: list[bytes]) -> None:
        """Make rows durable, each ending in a newline.

        Raises SinkError, whose `failed` tells which rows were not kept.
        """

    def check(self) -> None:
        """Raise SinkError if a write would fail now."""

    def close(self) -> None:
        """Finish what is under way."""
