"""Refused events go through the collector's steps again, from wherever they lie.

A replay is idempotent: an event keeps its `event_id`, or gets one made from its line or message,
and keeps the time at which it was first received; so a second replay adds exact copies, which
staging removes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ingest.auth import WriteKey, local_key
from ingest.config import Config, pseudonym_key
from ingest.errors import EventError, ReasonType
from ingest.pipeline import Outcome, process
from ingest.sinks import open_sink
from ingest.sinks.segments import recover
from ingest.sources.ledger import Ledger
from ingest.steps.decode import Decoded
from ingest.steps.enrich import Client
from ingest.steps.scrub import Scrubber
from ingest.tenants import open_tenants


@dataclass(frozen=True)
class KeyTrace:
    """What a reject remembers of the write key by which it came, and of its tenant.

    `tenant_id` is that of the event; None if the key could not write for the one that it named, or
    it had none. `digest` is None in rows of version 0.1, which had only the name.
    """

    name: str
    digest: str | None = None
    tenant_id: str | None = None
    default_tenant: str | None = None


class Replayer:
    """Replays into the configured sink; `ledger` tells how far it came, also after an error."""

    def __init__(self, config: Config, tenant: str | None = None) -> None:
        """Open the sink. `tenant` is that of events which name none.

        Raises ConfigError, OSError.
        """
        self.any_key = local_key("replay", tenant)
        for root in config.segment_roots:
            recover(root)
        self.ledger = Ledger()
        secret = pseudonym_key(config)
        self._keys = {key.stored_digest(secret): key for key in config.keys.keys}
        self._scrubber = Scrubber(secret, open_tenants(config).scrub_policy)
        self._sink = open_sink(config)

    def land(self, outcomes: Iterable[Outcome]) -> None:
        """Land the rows of events that were accepted, and count all of them. Raises SinkError."""
        rows = []
        for outcome in outcomes:
            self.ledger.read += 1
            if outcome.error is not None:
                self.ledger.refuse(outcome.error)
            elif outcome.is_suppressed:
                self.ledger.suppressed += 1
            else:
                rows.append(outcome.row)
        self._sink.write(rows)
        self.ledger.accepted += len(rows)

    def process(self, decoded: Decoded, key: WriteKey) -> Outcome:
        """Take an event through the steps once more."""
        return process(decoded, key, datetime.now(UTC), Client(), self._scrubber)

    def key_of(self, trace: KeyTrace) -> WriteKey:
        """The write key by which an event came, as it is configured now.

        The key itself counts, whatever its name is now. Where it is gone, another of its name
        stands for it, as after a rotation, but only if that one may write for the same tenant:
        somebody else's key may have taken the name. Raises EventError.
        """
        key = self._keys.get(trace.digest or "")
        if key is None:
            key = next((key for key in self._keys.values() if key.name == trace.name), None)
            if key is None:
                reason = "its write key is no longer configured"
                raise EventError("$", reason, ReasonType.WRITE_KEY_GONE)
            if trace.digest is not None and not _stands_for(key, trace):
                reason = "another write key has its key's name now, and not the same tenant"
                raise EventError("$", reason, ReasonType.WRITE_KEY_REPLACED)
        return replace(
            key,
            default_tenant=(trace.tenant_id or key.default_tenant or self.any_key.default_tenant),
            needs_tenant=self.any_key.needs_tenant,
        )

    def close(self) -> None:
        """Finish the sink."""
        self._sink.close()


def _stands_for(key: WriteKey, trace: KeyTrace) -> bool:
    tenant = trace.tenant_id or trace.default_tenant
    return tenant is not None and (key.tenants is None or tenant in key.tenants)


def stable_id(text: bytes, occurrence: int) -> str:
    """An id that the same line or message gets at every replay."""
    digest = hashlib.sha256(b"%d:%b" % (occurrence, text)).hexdigest()
    return f"evt_{digest[:32]}"
