"""Step 4, enrich: fill what only the collector knows, and write the row as it lands."""

from __future__ import annotations

import ipaddress
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import ua_parser

from ingest.errors import ConfigError
from ingest.validate import Instants

DEFAULT_EVENT_VERSION = "1.0.0"
_MAX_USER_AGENT = 512  # characters that are parsed; real ones are shorter
_EMPTY = orjson.Fragment(b"{}")

_PAGE = ("url", "path", "title", "referrer")
_DEVICE = ("type", "vendor", "model")
_OS = _BROWSER = ("name", "version")
_SCALARS = ("user_agent", "ip", "locale", "timezone")
_KNOWN = frozenset((*_SCALARS, "page", "device", "os", "browser", "extra"))


class Client(NamedTuple):
    """Who sent a request, as far as the collector can see."""

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
    user_agent = sent.get("user_agent") or client.user_agent
    parsed = parse_user_agent(user_agent[:_MAX_USER_AGENT]) if user_agent else _NO_USER_AGENT
    extra: dict[str, Any] = {key: sent[key] for key in sent.keys() - _KNOWN}
    context = {
        "page": _pick(sent, "page", _PAGE, {}, extra),
        "user_agent": user_agent,
        "ip": sent.get("ip") or client.ip,
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


@dataclass(frozen=True)
class TrustedProxies:
    """Whose X-Forwarded-For is believed: the last `hops` proxies, or those in `networks`."""

    hops: int = 0
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Read `2` (two proxies in front) or `10.0.0.0/8, fd00::/8`. Raises ConfigError."""
        text = text.strip()
        if not text or text.isdecimal():
            return cls(hops=int(text or 0))
        try:
            return cls(
                networks=tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
            )
        except ValueError as error:
            raise ConfigError(
                "BIOQMS_TRUSTED_PROXIES must be a number of proxies or a list of networks"
            ) from error

    def client_ip(self, peer: str | None, forwarded_for: str) -> str | None:
        """The address of the client behind the trusted proxies, or None if it cannot be read."""
        hops = [_address(hop) for hop in [*forwarded_for.split(","), peer or ""] if hop.strip()]
        if not hops:
            return None
        found = hops[-1]
        for position, hop in enumerate(reversed(hops)):
            found = hop
            if not self._trusts(hop, position):
                break
        return str(found) if found else None

    def _trusts(
        self, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, position: int
    ) -> bool:
        if position < self.hops:
            return True
        return address is not None and any(address in network for network in self.networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address, with or without a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
