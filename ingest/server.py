"""Serve the collector with granian: worker processes, threads, a graceful stop."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.util import Finalize

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from ingest.api.request import Collector
from ingest.app import create_app
from ingest.config import Config
from ingest.errors import ConfigError, SinkError
from ingest.front import HEAD_SECONDS, Front
from ingest.parent import end_with_parent
from ingest.sinks.segments import recover
from ingest.sinks.spool import forwarding
from ingest.tenants import Policies

STOP_SECONDS = 15
"""How long a worker may finish its requests before it is killed; nothing acknowledged is lost."""
MAX_HEAD_BYTES = 64 * 1024
"""Of a request's head; also what a connection buffers of a body."""
_OTHER_FILES = 256  # that a worker may have open beside its connections


def serve(config: Config, announce: Callable[[str], None] = print) -> None:
    """Run the collector until SIGINT or SIGTERM.

    `announce` is given lines for the operator, the address among them; port 0 takes a free one.
    When this returns, every segment is sealed. Raises ConfigError if it cannot start.
    """
    config = _with_port(config)
    _recover(config, announce)
    policies = _preflight(config)
    server = Server(
        "ingest.app:create_app",
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=config.workers,
        http=HTTPModes(config.http),
        http1_settings=HTTP1Settings(
            header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=MAX_HEAD_BYTES
        ),
        backpressure=_connections(config, announce),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    )
    goal = config.log_dir if config.sink == "log" else config.topic_path
    announce(f"collecting on http://{_url_host(config.host)}:{config.port} into {goal}")
    try:
        with forwarding(config):
            server.serve(target_loader=_Loader(config, policies), wrap_loader=False)
    finally:
        _recover(config, announce)
    announce("stopped; every segment is sealed")


class _Loader:
    """Makes the application inside a worker; picklable, so that workers may also be spawned."""

    def __init__(self, config: Config, policies: Policies) -> None:
        self.config = config
        self.policies = policies
        self.parent = os.getpid()

    def __call__(self) -> Front:
        # Until granian sets its handlers, those of the parent, inherited, would swallow signals.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal; the parent then sends TERM
        end_with_parent(self.parent)
        app = create_app(self.config, policies=self.policies)
        collector: Collector = app.extensions["collector"]
        # A worker that stops in peace seals its segments; the parent sees to all others.
        Finalize(None, collector.close, exitpriority=10)
        return Front(app.wsgi_app, self.config)


def _preflight(config: Config) -> Policies:
    """Make and close an application: what is wrong shows here, not in every worker.

    Gives what it has read, so that a worker can start again while the file is broken.
    """
    collector: Collector = create_app(config).extensions["collector"]
    try:
        collector.readiness.check()
        return collector.tenants.file.value
    except SinkError as error:
        raise ConfigError(f"{config.data_dir}: {error}") from error
    finally:
        collector.close()


def _recover(config: Config, announce: Callable[[str], None]) -> None:
    for root in config.segment_roots:
        try:
            for recovered in recover(root):
                announce(str(recovered))
        except OSError as error:
            raise ConfigError(f"{root} cannot be recovered: {error.strerror}") from error


def _connections(config: Config, announce: Callable[[str], None]) -> int:
    """How many a worker may hold: past its limit of open files it could not even refuse."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = config.connections + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted:
            room = max(1, soft - _OTHER_FILES)
            announce(f"open files are limited to {soft}: at most {room} connections a worker")
    return config.connections if soft >= wanted else max(1, soft - _OTHER_FILES)


def _with_port(config: Config) -> Config:
    """Choose a free port for port 0, and fail early where the port is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {config.host}:{config.port}: {error.strerror}"
            ) from error
        return replace(config, port=probe.getsockname()[1])


def _url_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
