"""The HTTP face of the collector: `create_app()` makes a Flask application."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from ingest.api import native
from ingest.api.request import Collector, answer, current_collector
from ingest.auth import keys_from_file
from ingest.config import Config, pseudonym_key
from ingest.errors import ConfigError, RequestError, SinkError
from ingest.logs import Throttle, described
from ingest.reload import Reloaded, Watch
from ingest.sinks import open_rejects, open_sink
from ingest.sinks.base import Sink
from ingest.sinks.readiness import Readiness
from ingest.sinks.segments import recover
from ingest.steps.scrub import Scrubber
from ingest.tenants import Policies, open_tenants

if TYPE_CHECKING:
    from ingest.metrics import EventMetrics

_log = logging.getLogger(__name__)
_throttle = Throttle(_log)


def create_app(
    config: Config | None = None,
    events: Sink | None = None,
    metrics: EventMetrics | None = None,
    policies: Policies | None = None,
) -> Flask:
    """Make the collector's application.

    `config` defaults to the environment, `events` and `metrics` to what it names. `policies` are
    those of the tenants that a parent process has read. What a killed writer left in the data
    directory is recovered first. Raises ConfigError, also where no write key is configured.
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
    tenants = open_tenants(config, policies)
    keys = Reloaded("write keys", config.keys_file, keys_from_file, config.keys)
    secret = pseudonym_key(config)
    app = Flask(__name__)
    events = events or open_sink(config)
    rejects = open_rejects(config)
    app.extensions["collector"] = Collector(
        config=config,
        keys=keys,
        tenants=tenants,
        settings=Watch(keys, tenants.file),
        secret=secret,
        events=events,
        rejects=rejects,
        scrubber=Scrubber(secret, tenants.scrub_policy),
        metrics=metrics or _metrics(config),
        readiness=Readiness(events, rejects),
    )
    app.register_blueprint(native.routes)
    app.add_url_rule("/health", view_func=_health)
    app.add_url_rule("/ready", view_func=_ready)
    app.register_error_handler(RequestError, _refuse)
    app.register_error_handler(SinkError, native.retry_later)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)
    return app


def _metrics(config: Config) -> EventMetrics | None:
    if not config.metrics_project:
        return None
    # Google's client takes a second to import: only where it is used.
    from ingest.metrics import EventMetrics

    return EventMetrics(config.metrics_project)


def _health() -> Response:
    """Alive."""
    return answer(200, {"status": "ok"})


def _ready() -> Response:
    """Able to make events durable; `stale` names the settings whose file cannot be used now."""
    collector = current_collector()
    collector.readiness.check()
    stale = collector.settings.stale()
    return answer(200, {"status": "ready"} | ({"stale": stale} if stale else {}))


def _refuse(error: RequestError) -> Response:
    return answer(error.status, {"code": error.code, "message": error.message})


def _http_error(error: HTTPException) -> Response:
    code = error.name.lower().replace(" ", "_")
    response = answer(error.code or 500, {"code": code, "message": error.description or error.name})
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    _throttle.error(f"unforeseen {described(error)}")
    return answer(
        500, {"code": "internal_error", "message": "The collector failed; send it again."}
    )
