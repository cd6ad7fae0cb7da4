"""The asynchronous front of a worker: it reads requests whole, then calls Flask in a thread.

granian reads heads and closes idle connections; what it hands over has a whole head. Here bodies
are read, with a deadline, before a thread is spent on them: a sender that stops in the middle
costs a socket and its bytes, nothing else. Past a bound the answer is 503 with Retry-After.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

import orjson

from ingest.config import Config
from ingest.errors import RETRY_AFTER_SECONDS
from ingest.logs import Throttle, described
from ingest.steps.decode import MAX_BODY_BYTES
from ingest.wsgi import Answer, Wsgi, call, environ_of

HEAD_SECONDS = 10
"""A head is whole by then; a connection without a request is closed after as long."""
BODY_SECONDS = 10
"""In each such time a body makes progress: PROGRESS_BYTES of it, or its end."""
PROGRESS_BYTES = 4096
STOP_BODY_SECONDS = 1.0
"""The same once the worker was asked to stop."""
_LINGER_SECONDS = 1.0  # for the last answers to leave, before half-sent heads are given up
_SWEEP_SECONDS = 0.5
_POLL_SECONDS = 0.05

# In a lane of their own: a worker with a full queue is busy, not dead.
_PROBES = ("/health", "/ready")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_log = logging.getLogger(__name__)
_throttle = Throttle(_log)


def _refusal(status: int, code: str, message: str) -> Answer:
    headers = [(b"content-type", b"application/json")]
    if status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    return Answer(status, headers, orjson.dumps({"code": code, "message": message}))


_BUSY = _refusal(503, "overloaded", "The collector has too much to do; send it again.")
_STOPPING = _refusal(503, "stopping", "The collector is stopping; send it again.")
_TOO_SLOW = _refusal(
    408, "body_too_slow", f"The body made no progress for {BODY_SECONDS} s; send it again."
)
_FAILED = _refusal(500, "internal_error", "The collector failed; send it again.")


class _RefusedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _DisconnectedError(Exception):
    """The sender is gone: nobody to answer."""


class _Body:
    """A body that is arriving, read by `task`."""

    def __init__(self, task: asyncio.Task[Any], now: float) -> None:
        self.task = task
        self.parts: list[bytes] = []
        self.size = 0
        self.refusal: Answer | None = None
        self._mark = 0  # how large it was when it last made progress
        self._moved = now

    def is_stalled(self, now: float, patience: float) -> bool:
        """Whether it made no progress for `patience` seconds. Notes progress."""
        if self.size - self._mark >= PROGRESS_BYTES:
            self._mark, self._moved = self.size, now
        return now - self._moved >= patience


class _Bodies:
    """The bytes of all requests that are arriving, waiting or running: at most `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._arriving: dict[_Body, None] = {}  # in order of arrival

    async def read(self, receive: Receive, length: int | None) -> bytes:
        """Read a body of `length` bytes, if known, and no more than one chunk past MAX_BODY_BYTES.

        Its bytes are held until `release`. Raises _RefusedError or _DisconnectedError.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this is a coroutine
        body = _Body(task, asyncio.get_running_loop().time())
        self._arriving[body] = None
        try:
            more = True
            while more and body.size != length and body.size <= MAX_BODY_BYTES:
                message = await receive()
                if message["type"] != "http.request":
                    raise _DisconnectedError
                self._take(body, message["body"])
                more = message["more_body"]
        except BaseException as error:
            self._drop(body)
            if isinstance(error, asyncio.CancelledError) and body.refusal is not None:
                task.uncancel()
                raise _RefusedError(body.refusal) from None
            raise
        del self._arriving[body]
        return body.parts[0] if len(body.parts) == 1 else b"".join(body.parts)

    def release(self, size: int) -> None:
        """Forget the bytes of a body that was read."""
        self._held -= size

    def sweep(self, now: float, patience: float, answer: Answer) -> None:
        """Refuse what has made no progress for `patience` seconds."""
        for body in [body for body in self._arriving if body.is_stalled(now, patience)]:
            self._refuse(body, answer)

    def _take(self, body: _Body, part: bytes) -> None:
        body.parts.append(part)
        body.size += len(part)
        self._held += len(part)
        while self._held > self._limit:
            # The oldest goes: whoever holds bytes and does not finish never blocks the quick.
            oldest = next(iter(self._arriving))
            _throttle.error(f"refused a request: bodies hold more than {self._limit} bytes")
            if oldest is body:
                raise _RefusedError(_BUSY)
            self._refuse(oldest, _BUSY)

    def _refuse(self, body: _Body, answer: Answer) -> None:
        self._drop(body)
        body.refusal = answer
        body.task.cancel()

    def _drop(self, body: _Body) -> None:
        if body in self._arriving:
            del self._arriving[body]
            self._held -= body.size
            body.parts.clear()


class _Job(NamedTuple):
    environ: dict[str, Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Answer]


class _Lane:
    """Threads that call an application, and a bound on the requests that run in them or wait.

    A ThreadPoolExecutor takes 100,000 instructions more a request (bench.front).
    """

    def __init__(self, app: Wsgi, name: str, threads: int, requests: int) -> None:
        self._app = app
        self._requests = requests
        self._taken = 0
        self._waiting: SimpleQueue[_Job] = SimpleQueue()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    async def run(self, environ: dict[str, Any]) -> Answer:
        """Call the application. Raises what it raises, and _RefusedError past the bound."""
        if self._taken >= self._requests:
            _throttle.error(f"refused a request: {self._requests} are running or waiting")
            raise _RefusedError(_BUSY)
        self._taken += 1
        try:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[Answer] = loop.create_future()
            self._waiting.put(_Job(environ, loop, answer))
            return await answer
        finally:
            self._taken -= 1

    def _work(self) -> None:
        while True:
            job = self._waiting.get()
            try:
                answer = call(self._app, job.environ)
            except BaseException as error:
                job.loop.call_soon_threadsafe(job.answer.set_exception, error)
            else:
                job.loop.call_soon_threadsafe(job.answer.set_result, answer)


class Front:
    """The ASGI application that a worker serves: Flask behind bounds and deadlines.

    It wants an ASGI server with the lifespan protocol, and the main thread, for SIGTERM.
    """

    def __init__(self, app: Wsgi, config: Config) -> None:
        """Start the threads."""
        self._bodies = _Bodies(config.body_bytes)
        self._requests = _Lane(app, "request", config.threads, config.requests)
        self._probes = _Lane(app, "probe", 1, config.requests)
        self._open = 0
        self._is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan. A WebSocket's callable would be chosen here."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open += 1
        try:
            answer = await self._answer(scope, receive)
        except _RefusedError as refused:
            answer = refused.answer
        except _DisconnectedError:
            return
        except Exception as error:
            _throttle.error(f"unforeseen {described(error)}")
            answer = _FAILED
        finally:
            self._open -= 1
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        )
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if self._is_stopping:
            raise _RefusedError(_STOPPING)
        lane = self._probes if scope["path"] in _PROBES else self._requests
        length = _declared_length(scope)
        if length is not None and not 0 < length <= MAX_BODY_BYTES:
            # None, or one that Flask refuses for its length: neither is read.
            return await lane.run(environ_of(scope, b"", length))
        body = await self._bodies.read(receive, length)
        try:
            return await lane.run(environ_of(scope, body, len(body)))
        finally:
            self._bodies.release(len(body))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop)
        self._sweep()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._finish()
        await send({"type": "lifespan.shutdown.complete"})

    def stop(self) -> None:
        """Take no more requests, finish those that are whole, and end this process."""
        if self._is_stopping:
            return
        self._is_stopping = True
        # granian's own handler stops listening. Only once: told a third time it would hang.
        signal.raise_signal(signal.SIGINT)
        self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        """End the process in peace although granian waits for half-sent heads."""
        await self._finish()
        await asyncio.sleep(_LINGER_SECONDS)
        asyncio.get_running_loop().call_soon(sys.exit)

    async def _finish(self) -> None:
        while self._open:
            await asyncio.sleep(_POLL_SECONDS)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        if self._is_stopping:
            self._bodies.sweep(loop.time(), STOP_BODY_SECONDS, _STOPPING)
        else:
            self._bodies.sweep(loop.time(), BODY_SECONDS - _SWEEP_SECONDS, _TOO_SLOW)
        loop.call_later(_SWEEP_SECONDS, self._sweep)


def _declared_length(scope: Scope) -> int | None:
    """The length of the body: 0 for none, None if only its end will tell."""
    has_coding = scope["http_version"] not in ("1.0", "1.1")
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
        has_coding = has_coding or name == b"transfer-encoding"
    return None if has_coding else 0
