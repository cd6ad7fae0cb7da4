"""The HTTP face of the collector: `create_app()` makes a Flask application."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from ingest.auth import WriteKey
from ingest.config import Config, pseudonym_key
from ingest.errors import ConfigError, RequestError, SinkError
from ingest.pipeline import Outcome, process, reject_row
from ingest.sinks import open_rejects, open_sink
from ingest.sinks.base import Sink
from ingest.sinks.segments import recover
from ingest.steps.decode import MAX_BODY_BYTES, Decoded, decode_batch, inflate
from ingest.steps.enrich import Client
from ingest.steps.scrub import Scrubber

if TYPE_CHECKING:
    from ingest.metrics import EventMetrics

RETRY_AFTER_SECONDS = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Collector:
    """What a request needs; found as `app.extensions["collector"]`."""

    config: Config
    events: Sink
    rejects: Sink
    scrubber: Scrubber
    metrics: EventMetrics | None

    def close(self) -> None:
        """Seal what is open."""
        self.events.close()
        self.rejects.close()
        if self.metrics is not None:
            self.metrics.close()


def create_app(
    config: Config | None = None,
    events: Sink | None = None,
    metrics: EventMetrics | None = None,
) -> Flask:
    """Make the collector's application.

    `config` defaults to the environment, `events` and `metrics` to what it names. What a killed
    writer left in the data directory is recovered first. Raises ConfigError, also where no write
    key is configured.
    """
    config = config or Config.from_env()
    if not config.keys.keys:
        raise ConfigError(
            "no write keys: set BIOQMS_WRITE_KEYS_FILE or BIOQMS_WRITE_KEYS, "
            "or try `bioqms collect --dev`"
        )
    for root in config.segment_roots:
        for recovered in recover(root):
            _log.warning("%s", recovered)
    app = Flask(__name__)
    app.extensions["collector"] = Collector(
        config=config,
        events=events or open_sink(config),
        rejects=open_rejects(config),
        scrubber=Scrubber(pseudonym_key(config)),
        metrics=metrics or _metrics(config),
    )
    app.add_url_rule("/api/v1/events", view_func=_post_events, methods=["POST"])
    app.add_url_rule("/health", view_func=_health)
    app.add_url_rule("/ready", view_func=_ready)
    app.register_error_handler(RequestError, _refuse)
    app.register_error_handler(SinkError, _retry_later)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)
    return app


def _metrics(config: Config) -> EventMetrics | None:
    if not config.metrics_project:
        return None
    # Google's client takes a second to import: only where it is used.
    from ingest.metrics import EventMetrics

    return EventMetrics(config.metrics_project)


def _collector() -> Collector:
    collector: Collector = current_app.extensions["collector"]
    return collector


def _post_events() -> Response:
    collector = _collector()
    key = _authenticate(collector)
    _check_content_type()
    body = inflate(_read_body(), request.headers.get("Content-Encoding", ""))
    outcomes = _steps(collector, key, decode_batch(body), _client(collector))
    failure = None
    try:
        _land(collector, outcomes)
    except SinkError as error:
        failure = error
    if collector.metrics is not None:
        collector.metrics.count(outcomes)
    return _json(200, _results(outcomes)) if failure is None else _retry_later(failure, outcomes)


def _steps(
    collector: Collector, key: WriteKey, batch: Iterable[Decoded], client: Client
) -> list[Outcome]:
    """Take a batch through the steps; the row of a refused event is that of the rejects."""
    now = datetime.now(UTC)
    outcomes = []
    for position, decoded in enumerate(batch):
        outcome = process(decoded, key, now, client, collector.scrubber)
        if outcome.error is not None:
            # The position tells two equal events of a request apart when they are replayed.
            source = {"source": "http", "write_key": key.name, "position": position}
            outcome.row = reject_row(decoded, outcome.error, now, source)
        outcomes.append(outcome)
    return outcomes


def _land(collector: Collector, outcomes: list[Outcome]) -> None:
    """Make a batch durable, refused events too. Marks what was lost and raises SinkError."""
    rejected = [outcome for outcome in outcomes if outcome.error is not None]
    accepted = [outcome for outcome in outcomes if outcome.error is None]
    # Rejects first: if they fail, the sender repeats the batch and nothing has landed twice.
    try:
        collector.rejects.write([outcome.row for outcome in rejected])
    except SinkError:
        for outcome in outcomes:
            outcome.is_lost = True
        raise
    try:
        collector.events.write([outcome.row for outcome in accepted])
    except SinkError as error:
        for position, outcome in enumerate(accepted):
            outcome.is_lost = error.failed is None or position in error.failed
        raise


def _results(outcomes: list[Outcome]) -> dict[str, Any]:
    return {"processed": len(outcomes), "results": [_result(outcome) for outcome in outcomes]}


def _result(outcome: Outcome) -> dict[str, Any]:
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


def _authenticate(collector: Collector) -> WriteKey:
    presented = request.headers.get("X-Write-Key", "")
    key = collector.config.keys.find(presented) if presented else None
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


def _read_body() -> bytes:
    """The body as sent, at most MAX_BODY_BYTES of it."""
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


def _client(collector: Collector) -> Client:
    forwarded_for = ",".join(request.headers.getlist("X-Forwarded-For"))
    return Client(
        ip=collector.config.trusted_proxies.client_ip(request.remote_addr, forwarded_for),
        user_agent=request.headers.get("User-Agent"),
    )


def _health() -> Response:
    """Alive."""
    return _json(200, {"status": "ok"})


def _ready() -> Response:
    """Able to make events durable."""
    collector = _collector()
    collector.events.check()
    collector.rejects.check()
    return _json(200, {"status": "ready"})


def _refuse(error: RequestError) -> Response:
    return _json(error.status, {"code": error.code, "message": error.message})


def _retry_later(error: SinkError, outcomes: list[Outcome] | None = None) -> Response:
    _log.error("not accepted: %s", error)
    message = "Not all of this request was kept; send it again, or its events marked retry."
    response = _json(503, {"code": "not_durable", "message": message, **_results(outcomes or [])})
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _http_error(error: HTTPException) -> Response:
    code = error.name.lower().replace(" ", "_")
    response = _json(error.code or 500, {"code": code, "message": error.description or error.name})
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    # The type alone: a traceback's values may be personal.
    _log.error("unforeseen %s in %s", type(error).__name__, request.path, exc_info=error)
    return _json(500, {"code": "internal_error", "message": "The collector failed; send it again."})


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), status=status, mimetype="application/json")
