"""Any text and any JSON value: which looks to take, and in which order."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

import orjson

from ingest.steps.scrub.cards import scrub_cards, scrub_ibans
from ingest.steps.scrub.emails import scrub_emails
from ingest.steps.scrub.marks import REDACTED
from ingest.steps.scrub.names import is_private_name
from ingest.steps.scrub.national import scrub_national_ids
from ingest.steps.scrub.normal import normal
from ingest.steps.scrub.pairs import scrub_pairs
from ingest.steps.scrub.phones import scrub_phones
from ingest.steps.scrub.policy import DEFAULT, Policy
from ingest.steps.scrub.quick import may_hold_numbers

_MAX_DEPTH = 64
_MAX_DECODED = 3  # times a text is percent-decoded, or its JSON read, inside one another
_SMALLEST_NUMBER = 10**10  # of those that may be a card or a national id

# Nothing private is written without one of these; most strings of most events stop here.
_LOOK = re.compile(r"[@%=:\\\u0080-\U0010ffff]|[0-9][^A-Za-z0-9]{0,3}[0-9]")
_ESCAPE = re.compile(r"\\u00([2-7][0-9a-fA-F])")
_USERINFO = re.compile(r"(?<=://)[^\s/?#@\"'<>]{1,256}+@")
# A piece of a URL or a form with something encoded in it; anchored, so the search is linear.
_ENCODED = re.compile(
    r"(?<![^\s/?&=#;,\"<>])(?:[^\s/?&=#;,\"<>%]*+%(?=[0-9A-Fa-f]{2}))++[^\s/?&=#;,\"<>]*+"
)


def scrub_value(value: Any, policy: Policy = DEFAULT) -> Any:
    """Scrub any JSON value, such as an event that was refused; returns a new one."""
    return scrub_inside(value, policy, suspect=True, depth=1)


def scrub_inside(value: Any, policy: Policy, suspect: bool, depth: int) -> Any:
    """Scrub a value `depth` levels down; text is only looked into when `suspect`."""
    kind = type(value)
    if kind is str:
        return scrub_text(value, policy) if suspect else value
    if kind is dict or kind is list:
        if depth > _MAX_DEPTH:
            return REDACTED
        if kind is list:
            return [scrub_inside(item, policy, suspect, depth + 1) for item in value]
        return _scrub_object(value, policy, suspect, depth + 1)
    if suspect and kind is int and value >= _SMALLEST_NUMBER:
        text = str(value)
        scrubbed = scrub_text(text, policy)
        return value if scrubbed == text else scrubbed
    return value


def _scrub_object(
    value: dict[str, Any], policy: Policy, suspect: bool, depth: int
) -> dict[str, Any]:
    scrubbed: dict[str, Any] = {}
    for name, item in value.items():
        kind = type(item)
        if is_private_name(name) and item is not None and kind is not bool:
            kept: Any = REDACTED
        elif kind is str:
            kept = scrub_text(item, policy) if suspect else item
        elif kind is bool or item is None:
            kept = item
        else:
            kept = scrub_inside(item, policy, suspect, depth)
        key = scrub_text(name, policy) if suspect else name
        scrubbed[key if key == name else _free(key, scrubbed, value)] = kept
    return scrubbed


def _free(name: str, taken: dict[str, Any], also_taken: dict[str, Any]) -> str:
    """The name, numbered where another key of the object has it: two keys stay two."""
    free, number = name, 1
    while free in taken or free in also_taken:
        number += 1
        free = f"{name} {number}"
    return free


def scrub_header(value: str, policy: Policy = DEFAULT) -> str:
    """Scrub the value of an HTTP header as WSGI hands it over: Latin-1 that may be UTF-8."""
    if not value.isascii():
        with suppress(UnicodeError):  # it was Latin-1 indeed, or text already
            value = value.encode("latin-1").decode()
    return scrub_text(value, policy)


def scrub_text(text: str, policy: Policy = DEFAULT) -> str:
    """Scrub one string. It comes back as it was, or, if anything was found, in its normal form."""
    return text if _LOOK.search(text) is None else _scrub_text(text, policy, 0)


def _scrub_text(text: str, policy: Policy, depth: int) -> str:
    plain = text if text.isascii() else normal(text)
    scrubbed = _scrub_plain(plain, policy, depth)
    return text if scrubbed == plain else scrubbed


def _scrub_plain(text: str, policy: Policy, depth: int) -> str:
    if "\\u00" in text:
        decoded = _ESCAPE.sub(_escaped, text)
        if decoded != text:
            scrubbed = _scrub_plain(decoded, policy, depth)
            return text if scrubbed == decoded else scrubbed
    if text[:1] in "{[ \n" and depth < _MAX_DECODED:
        scrubbed_json = _scrub_json(text, policy)
        if scrubbed_json is not None:
            return scrubbed_json
    if "=" in text or ":" in text:
        text = scrub_pairs(text)
    if "%" in text and depth < _MAX_DECODED:
        text = _ENCODED.sub(lambda match: _scrub_encoded(match[0], policy, depth + 1), text)
    if "@" in text and "://" in text:
        text = _USERINFO.sub(f"{REDACTED}@", text)
    if "@" in text or "%" in text:
        text = scrub_emails(text)
    if may_hold_numbers(text, policy):
        text = scrub_cards(scrub_ibans(text))
        text = scrub_phones(scrub_national_ids(text, policy.national_ids))
    return text


def _escaped(match: re.Match[str]) -> str:
    """A character of JSON's \\u notation, where it means nothing to JSON itself."""
    char = chr(int(match[1], 16))
    return match[0] if char in '"\\' else char


def _scrub_encoded(piece: str, policy: Policy, depth: int) -> str:
    """Scrub what a percent-encoded piece says; returns it encoded once."""
    decoded = unquote(piece)
    scrubbed = _scrub_text(decoded, policy, depth)
    if "+" in scrubbed:  # in a form these are blanks, in an address they are not
        spaced = scrubbed.replace("+", " ")
        again = _scrub_text(spaced, policy, depth)
        scrubbed = scrubbed if again == spaced else again
    return piece if scrubbed == decoded else quote(scrubbed, safe="[]/:@+,!$()*;")


def _scrub_json(text: str, policy: Policy) -> str | None:
    """Scrub text that is JSON by its keys; None if it is none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        inner = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    scrubbed = scrub_inside(inner, policy, suspect=True, depth=_MAX_DEPTH // 2)
    return text if scrubbed == inner else orjson.dumps(scrubbed).decode()
