"""`POST /api/v1/events`: one event or a batch; the answer tells each event's fate."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, request

from ingest.api.request import (
    Collector,
    answer,
    client_of,
    current_collector,
    land,
    read_body,
    take_through_steps,
)
from ingest.auth import WriteKey
from ingest.errors import RETRY_AFTER_SECONDS, RequestError, SinkError
from ingest.logs import Throttle
from ingest.pipeline import Outcome
from ingest.steps.decode import decode_batch, inflate

routes = Blueprint("native", __name__, url_prefix="/api/v1")
_throttle = Throttle(logging.getLogger(__name__))


@routes.post("/events")
def post_events() -> Response:
    """Take events in; 200 with their fates, 503 where any has to be sent again."""
    collector = current_collector()
    key = _authenticate(collector)
    _check_content_type()
    body = inflate(read_body(), request.headers.get("Content-Encoding", ""))
    outcomes = take_through_steps(collector, key, decode_batch(body), client_of(collector))
    failure = None
    try:
        land(collector, outcomes)
    except SinkError as error:
        failure = error
    if collector.metrics is not None:
        collector.metrics.count(outcomes)
    return answer(200, _results(outcomes)) if failure is None else retry_later(failure, outcomes)


def _authenticate(collector: Collector) -> WriteKey:
    presented = request.headers.get("X-Write-Key", "")
    key = collector.keys.value.find(presented) if presented else None
    if key is None:
        raise RequestError(401, "invalid_write_key", "Send a valid key in the X-Write-Key header.")
    return key


def _check_content_type() -> None:
    # text/plain is what browsers send without a preflight; no header at all is taken as JSON.
    kind = request.mimetype
    is_json = kind in ("", "application/json", "text/plain") or kind.endswith("+json")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if not is_json or charset not in ("utf-8", "utf8", "us-ascii"):
        raise RequestError(
            415, "unsupported_media_type", "Send Content-Type: application/json in UTF-8."
        )


def _results(outcomes: list[Outcome]) -> dict[str, Any]:
    return {"processed": len(outcomes), "results": [_result(outcome) for outcome in outcomes]}


def _result(outcome: Outcome) -> dict[str, Any]:
    if outcome.is_suppressed:
        return {"event_id": outcome.event_id, "status": "suppressed"}
    if outcome.is_lost:
        return {"event_id": outcome.event_id, "status": "retry"}
    if outcome.error is None:
        return {"event_id": outcome.event_id, "status": "accepted"}
    return {
        "event_id": outcome.event_id,
        "status": "rejected",
        "reason": str(outcome.error),
        "path": outcome.error.path,
    }


def retry_later(error: SinkError, outcomes: list[Outcome] | None = None) -> Response:
    """Ask the sender to try again: a sink failed, or `outcomes` holds what was lost."""
    _throttle.error(f"not accepted: {error}")
    message = "Not all of this request was kept; send it again, or its events marked retry."
    response = answer(503, {"code": "not_durable", "message": message, **_results(outcomes or [])})
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
