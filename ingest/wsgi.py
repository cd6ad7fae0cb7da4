"""Call a WSGI application with a request that has been read whole, as ASGI describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from sys import stderr
from typing import Any, NamedTuple

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def call(app: Wsgi, environ: dict[str, Any]) -> Answer:
    """Run the application in this thread and gather its answer; nothing is streamed."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        started[:] = status, headers

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started
    return Answer(
        int(status[:3]),
        [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        body,
    )


def environ_of(scope: dict[str, Any], body: bytes, length: int) -> dict[str, Any]:
    """Describe a request of an ASGI server the way PEP 3333 wants it.

    `length` is the length that the request declares, or that of `body`. A header whose name holds
    an underscore is left out: as a variable it would pass for the one with a hyphen.
    """
    host, port = scope.get("server") or ("", 0)
    client = scope.get("client")
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = _variable(raw_name), raw_value.decode("latin-1")
        if name in environ:
            value = environ[name] + (";" if name == "HTTP_COOKIE" else ",") + value
        if name:
            environ[name] = value
    if length:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


@lru_cache(maxsize=1024)
def _variable(name: bytes) -> str:
    """The variable of a header; empty where it has none."""
    if b"_" in name:
        return ""
    variable = name.decode("latin-1").upper().replace("-", "_")
    if variable == "CONTENT_TYPE":
        return variable
    # The length is that of the body as it was read, and no transfer coding is left in it.
    return "" if variable in ("CONTENT_LENGTH", "TRANSFER_ENCODING") else f"HTTP_{variable}"
