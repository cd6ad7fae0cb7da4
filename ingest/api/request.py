"""What every protocol does with a request: read it, take its events through the steps, answer."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, current_app, request

from ingest.auth import KeyRing, WriteKey
from ingest.config import Config
from ingest.errors import RequestError, SinkError
from ingest.pipeline import Outcome, process, reject_row
from ingest.reload import Reloaded, Watch
from ingest.sinks.base import Sink
from ingest.sinks.readiness import Readiness
from ingest.steps.decode import MAX_BODY_BYTES, Decoded
from ingest.steps.enrich import MAX_USER_AGENT, Client
from ingest.steps.scrub import Scrubber, scrub_text
from ingest.tenants import Tenants

if TYPE_CHECKING:
    from ingest.metrics import EventMetrics

_MAX_SCRUBBED = 8 * MAX_USER_AGENT  # characters, to bound what a request costs


@dataclass(frozen=True)
class Collector:
    """What a request needs; found as `app.extensions["collector"]`.

    `secret` makes the digests by which rejects remember a write key.
    """

    config: Config
    keys: Reloaded[KeyRing]
    tenants: Tenants
    settings: Watch
    secret: bytes = field(repr=False)
    events: Sink
    rejects: Sink
    scrubber: Scrubber
    metrics: EventMetrics | None
    readiness: Readiness

    def close(self) -> None:
        """Seal what is open, all of it, whatever fails; then raises what failed."""
        with ExitStack() as closing:
            if self.metrics is not None:
                closing.callback(self.metrics.close)
            closing.callback(self.settings.close)
            closing.callback(self.rejects.close)
            closing.callback(self.events.close)


def current_collector() -> Collector:
    """The collector of the application that handles the request."""
    collector: Collector = current_app.extensions["collector"]
    return collector


def read_body() -> bytes:
    """The body as sent, at most MAX_BODY_BYTES of it. Raises RequestError."""
    too_large = RequestError(
        413, "body_too_large", f"A request may hold at most {MAX_BODY_BYTES} bytes."
    )
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise too_large
    parts: list[bytes] = []
    room = MAX_BODY_BYTES + 1
    while room and (part := request.stream.read(room)):
        parts.append(part)
        room -= len(part)
    if not room:
        raise too_large
    return b"".join(parts)


def client_of(collector: Collector) -> Client:
    """Who sent the request."""
    forwarded_for = ",".join(request.headers.getlist("X-Forwarded-For"))
    return Client(
        ip=collector.config.trusted_proxies.client_ip(request.remote_addr, forwarded_for),
        user_agent=_user_agent(request.headers.get("User-Agent", "")),
    )


def _user_agent(sent: str) -> str:
    """The header as it may be kept. Scrubbed before it is cut: half an address is not seen."""
    if len(sent) > _MAX_SCRUBBED:
        sent = sent[:_MAX_SCRUBBED].rpartition(" ")[0]
    return scrub_text(sent)[:MAX_USER_AGENT]


def take_through_steps(
    collector: Collector, key: WriteKey, batch: Iterable[Decoded], client: Client
) -> list[Outcome]:
    """Take a batch through the steps; the row of a refused event is that of the rejects."""
    now = datetime.now(UTC)
    outcomes = []
    for position, decoded in enumerate(batch):
        outcome = process(decoded, key, now, client, collector.scrubber)
        if outcome.error is not None:
            # The position tells two equal events of a request apart when they are replayed.
            source = {"source": "http", "position": position} | _trace_of(collector, key)
            policy = collector.scrubber.policy_of(outcome.tenant_id)
            outcome.row = reject_row(decoded, outcome, now, source, policy)
        outcomes.append(outcome)
    return outcomes


def _trace_of(collector: Collector, key: WriteKey) -> dict[str, Any]:
    """What a reject remembers of its write key, so that a replay finds the same one."""
    return {
        "write_key_name": key.name,
        "key_digest": key.stored_digest(collector.secret),
        "key_default_tenant": key.default_tenant,
    }


def land(collector: Collector, outcomes: list[Outcome]) -> None:
    """Make a batch durable, refused events too. Marks what was lost and raises SinkError."""
    rejected = [outcome for outcome in outcomes if outcome.error is not None]
    accepted = [o for o in outcomes if o.error is None and not o.is_suppressed]
    # Rejects first: if they fail, the sender repeats the batch and nothing has landed twice.
    try:
        collector.rejects.write([outcome.row for outcome in rejected])
    except SinkError:
        for outcome in outcomes:
            outcome.is_lost = not outcome.is_suppressed
        raise
    try:
        collector.events.write([outcome.row for outcome in accepted])
    except SinkError as error:
        for position, outcome in enumerate(accepted):
            outcome.is_lost = error.failed is None or position in error.failed
        raise


def answer(status: int, value: dict[str, Any]) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(value), status=status, mimetype="application/json")
