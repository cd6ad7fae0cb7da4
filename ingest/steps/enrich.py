"""Step 4, enrich: fill what only the collector knows, and write the row as it lands."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import ua_parser

from ingest.addresses import address_text
from ingest.instants import Instants

DEFAULT_EVENT_VERSION = "1.0.0"
MAX_USER_AGENT = 512
"""Characters of a user agent that are kept and parsed; real ones are shorter."""
_EMPTY = orjson.Fragment(b"{}")

_PAGE = ("url", "path", "title", "referrer")
_DEVICE = ("type", "vendor", "model")
_OS = _BROWSER = ("name", "version")
_SCALARS = ("user_agent", "ip", "locale", "timezone")
_KNOWN = frozenset((*_SCALARS, "page", "device", "os", "browser", "extra"))


class Client(NamedTuple):
    """Who sent a request, as far as the collector can see; the user agent is scrubbed."""

    ip: str | None = None
    user_agent: str | None = None


class UserAgent(NamedTuple):
    """What a user agent string says."""

    device: dict[str, str | None]
    os: dict[str, str | None]
    browser: dict[str, str | None]


def new_event_id() -> str:
    """A fresh id: `evt_` and a UUID v4 in hex."""
    return "evt_" + uuid.uuid4().hex


def enrich(event: dict[str, Any], tenant_id: str, instants: Instants, client: Client) -> bytes:
    """Write an event as one line of the landing log, newline included.

    `event` is valid, scrubbed and has its `event_id`. The fields and their order are those of
    docs/architecture.md.
    """
    row = {
        "event_id": event["event_id"],
        "event_name": event["event_name"],
        "event_version": event.get("event_version") or DEFAULT_EVENT_VERSION,
        "timestamp": instants.timestamp,
        "sent_at": instants.sent_at,
        "received_at": instants.received_at,
        "tenant_id": tenant_id,
        "user_id": event.get("user_id"),
        "anonymous_id": event.get("anonymous_id"),
        "session_id": event.get("session_id"),
        "context": _context(event.get("context") or {}, client),
        "properties": _sorted(event.get("properties")),
        "traits": _sorted(event.get("traits")),
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _sorted(value: dict[str, Any] | None) -> orjson.Fragment:
    if not value:
        return _EMPTY
    return orjson.Fragment(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _context(sent: dict[str, Any], client: Client) -> dict[str, Any]:
    """The known fields in fixed order, the client's own first, and the rest as `extra`."""
    user_agent = (sent.get("user_agent") or client.user_agent or "")[:MAX_USER_AGENT] or None
    parsed = parse_user_agent(user_agent) if user_agent else _NO_USER_AGENT
    extra: dict[str, Any] = {key: sent[key] for key in sent.keys() - _KNOWN}
    context = {
        "page": _pick(sent, "page", _PAGE, {}, extra),
        "user_agent": user_agent,
        # What is no address could be anything, also what a policy for addresses should have cut.
        "ip": address_text(sent["ip"]) if sent.get("ip") else client.ip,
        "locale": sent.get("locale"),
        "timezone": sent.get("timezone"),
        "device": _pick(sent, "device", _DEVICE, parsed.device, extra),
        "os": _pick(sent, "os", _OS, parsed.os, extra),
        "browser": _pick(sent, "browser", _BROWSER, parsed.browser, extra),
    }
    if sent.get("extra") is not None:
        _fold_extra(sent["extra"], extra)
    context["extra"] = orjson.dumps(extra, option=orjson.OPT_SORT_KEYS).decode() if extra else None
    return context


def _pick(
    sent: dict[str, Any],
    name: str,
    fields: tuple[str, ...],
    defaults: dict[str, str | None],
    extra: dict[str, Any],
) -> dict[str, Any]:
    """The known fields of one part of the context; unknown ones go to `extra` under its name."""
    part = sent.get(name) or {}
    if len(part) > len(fields) or not part.keys() <= set(fields):
        extra[name] = {key: value for key, value in part.items() if key not in fields}
    picked = {field: part.get(field) for field in fields}
    if any(picked.values()):
        return picked
    # Only where the client said nothing: mixing its model with our vendor would invent devices.
    return defaults or picked


def _fold_extra(sent: Any, extra: dict[str, Any]) -> None:
    """Merge a client's own `extra`: an object, or one as JSON text (a row that landed before)."""
    value = sent
    if isinstance(sent, str):
        try:
            value = orjson.loads(sent)
        except orjson.JSONDecodeError:
            value = sent
    if isinstance(value, dict):
        extra.update({key: item for key, item in value.items() if key not in extra})
    else:
        extra["extra"] = sent


@lru_cache(maxsize=16_384)
def parse_user_agent(text: str) -> UserAgent:
    """Read device, operating system and browser out of a user agent string (uap-core's rules)."""
    parsed = ua_parser.parse(text)
    device, system, browser = parsed.device, parsed.os, parsed.user_agent
    return UserAgent(
        device={
            "type": _device_type(text, device),
            "vendor": device.brand if device else None,
            "model": device.model if device else None,
        },
        os={
            "name": system.family if system else None,
            "version": _version(system.major, system.minor, system.patch) if system else None,
        },
        browser={
            "name": browser.family if browser else None,
            "version": _version(browser.major, browser.minor, browser.patch) if browser else None,
        },
    )


_NO_USER_AGENT = UserAgent(dict.fromkeys(_DEVICE), dict.fromkeys(_OS), dict.fromkeys(_BROWSER))


def _version(*parts: str | None) -> str | None:
    return ".".join(part for part in parts if part) or None


def _device_type(text: str, device: ua_parser.Device | None) -> str | None:
    """`bot`, `tablet`, `mobile` or `desktop`; None where the string names no browser."""
    if device and device.family == "Spider":
        return "bot"
    if "iPad" in text or "Tablet" in text or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if "Mobi" in text or "iPhone" in text:
        return "mobile"
    return "desktop" if text.startswith("Mozilla/") else None
