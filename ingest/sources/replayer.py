"""Refused events go through the collector's steps again, from wherever they lie.

A replay is idempotent: an event keeps its `event_id`, or gets one made from its line or message,
and keeps the time at which it was first received; so a second replay adds exact copies, which
staging removes.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from ingest.auth import WriteKey, local_key
from ingest.config import Config, pseudonym_key
from ingest.errors import EventError
from ingest.pipeline import Outcome, process
from ingest.sinks import open_sink
from ingest.sinks.segments import recover
from ingest.sources.ledger import Ledger
from ingest.steps.decode import Decoded
from ingest.steps.enrich import Client
from ingest.steps.scrub import Scrubber


class Replayer:
    """Replays into the configured sink; `ledger` tells how far it came, also after an error."""

    def __init__(self, config: Config, tenant: str | None = None) -> None:
        """Open the sink. `tenant` is that of events which name none.

        Raises ConfigError, OSError.
        """
        for root in config.segment_roots:
            recover(root)
        self.ledger = Ledger()
        self._keys = {key.name: key for key in config.keys.keys}
        self.any_key = local_key("replay", tenant)
        self._scrubber = Scrubber(pseudonym_key(config))
        self._sink = open_sink(config)

    def write(self, rows: list[bytes]) -> None:
        """Land rows and count them. Raises SinkError."""
        self._sink.write(rows)
        self.ledger.accepted += len(rows)

    def process(self, decoded: Decoded, key: WriteKey) -> Outcome:
        """Take an event through the steps once more."""
        return process(decoded, key, datetime.now(UTC), Client(), self._scrubber)

    def key_named(self, name: str | None) -> WriteKey:
        """The write key by which an event came; None, as in a loaded file, is anybody's.

        Raises EventError if it is no longer configured.
        """
        if name is None:
            return self.any_key
        key = self._keys.get(name)
        if key is None:
            raise EventError("$", "its write key is no longer configured")
        return replace(
            key,
            default_tenant=key.default_tenant or self.any_key.default_tenant,
            needs_tenant=self.any_key.needs_tenant,
        )

    def close(self) -> None:
        """Finish the sink."""
        self._sink.close()


def stable_id(text: bytes, occurrence: int) -> str:
    """An id that the same line or message gets at every replay."""
    digest = hashlib.sha256(b"%d:%b" % (occurrence, text)).hexdigest()
    return f"evt_{digest[:32]}"
