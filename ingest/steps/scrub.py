"""Step 3, scrub: take personal data out before the event touches a disk.

Field names and placeholders are the specification's. Its patterns are tightened: a phone number
without separators or a card number without checksum looks like an id or an epoch, and scrubbing
those would destroy data.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache
from typing import Any

import orjson

REDACTED = "[REDACTED]"
EMAIL_REDACTED = "[EMAIL_REDACTED]"
PHONE_REDACTED = "[PHONE_REDACTED]"
SSN_REDACTED = "[SSN_REDACTED]"
CARD_REDACTED = "[CC_REDACTED]"
_PLACEHOLDERS = (REDACTED, EMAIL_REDACTED, PHONE_REDACTED, SSN_REDACTED, CARD_REDACTED)

_ID_FIELDS = ("event_id", "user_id", "anonymous_id", "session_id")
_MAX_DEPTH = 64

# Names in full, without case and separators: first_name, firstName and First-Name are one.
_PRIVATE_NAMES = frozenset(
    {
        *("email", "emailaddress", "phone", "phonenumber", "telephone", "mobilephone"),
        *("mobilenumber", "ssn", "socialsecurity", "socialsecuritynumber"),
        *("creditcard", "creditcardnumber", "cardnumber"),
        *("password", "passwd", "pwd", "passphrase"),
        *("firstname", "lastname", "fullname", "middlename", "givenname", "familyname", "surname"),
        *("maidenname", "address", "streetaddress", "homeaddress", "postaladdress"),
        *("mailingaddress", "dateofbirth", "birthdate", "birthday", "dob", "driverlicense"),
        *("driverlicensenumber", "driverslicense", "driverslicensenumber"),
    }
)
# Names that end in one of these words (user_email, workPhone), unless they hold a flag.
_PRIVATE_LAST_WORDS = frozenset({"email", "phone", "ssn", "password"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Any run of usual characters before the @, or one of the unusual ones of RFC 5322. Possessive and
# anchored, so the search is linear. The last label starts with a letter: react@18.2.0 stays.
_EMAIL = re.compile(
    r"(?:(?<![\w.!#$'*+^`~-])[\w.!#$'*+^`~-]++|[/?=&{|}%])(?:@|%40)(?:[\w-]++\.)+[^\W\d_][\w-]+",
)
# All of the numeric patterns hold such a run; most strings do not.
_NUMERIC = re.compile(r"[0-9][-. ()0-9]{6}")
_BEFORE = r"(?<!\w)(?<![0-9][.-])"
_AFTER = r"(?!\w)(?!-[0-9])"
_SSN = re.compile(rf"{_BEFORE}[0-9]{{3}}([- ])[0-9]{{2}}\1[0-9]{{4}}{_AFTER}")
_PHONE = re.compile(
    # With a country code, E.164 or spaced: +49 30 901820, +1 (415) 555-0123.
    r"(?<![\w+])(?:\+|%2B)[1-9](?:[-. ()]{0,2}[0-9]){7,14}(?![0-9])"
    # North American with separators: 415-555-0123, (415) 555-0123, 1.415.555.0123.
    rf"|{_BEFORE}(?:1[-. ])?(?:\([0-9]{{3}}\) ?|[0-9]{{3}}[-. ])[0-9]{{3}}[-. ][0-9]{{4}}{_AFTER}",
    re.IGNORECASE,
)
_CARD = re.compile(
    rf"{_BEFORE}(?:[0-9]{{13,19}}|[0-9]{{4}}([- ])[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{4}}"
    rf"|[0-9]{{4}}([- ])[0-9]{{6}}\2[0-9]{{4,5}}){_AFTER}"
)
# Issuer prefixes with their lengths: Visa, Mastercard, American Express, Diners, and of 16 to 19
# digits Discover, JCB, UnionPay and Maestro. No epoch between 2001 and 2039 begins like that.
_ISSUER = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    r"|(?:6011|64[4-9][0-9]|(?:65|35|62|50|5[6-9]|63|67)[0-9]{2})[0-9]{12,15}"
)
_QUERY = re.compile(r"([?&;#])([\w.%\[\]-]{1,64})=([^&#;\s]*)")
# JSON inside text: "first_name": "Bob", also cut short or with escaped quotes.
_QUOTED_PAIR = re.compile(
    r'(?P<open>\\{0,8}")(?P<name>[\w .-]{1,64})(?P<middle>(?P=open)\s*:\s*)'
    r"(?:(?P=open)(?:(?!(?P=open))(?:\\.|.))*|[0-9][0-9.]*)",
    re.DOTALL,
)

# What any of the patterns needs, looked for once in the whole event; nearly all events stop here.
# Digits are folded into 0 and separators into -, because a plain search is far faster than a regex.
_MARKS = (b"@", b"%40", b"=", b'\\"')
_SHAPE = bytes.maketrans(b"0123456789. ", b"0000000000--")
_SHAPES = (
    *(b"+0", b"%0B0", b"%0b0", b"(000)", b"000-000-0000", b"000-00-0000"),
    *(b"0000000000000", b"0000-0000-0000", b"0000-000000-0000"),
)


class Scrubber:
    """Scrubs events; `pseudonym_key` makes its pseudonyms (see `pseudonym`)."""

    def __init__(self, pseudonym_key: bytes) -> None:
        """Keep the key."""
        self._key = pseudonym_key

    def scrub(self, event: dict[str, Any], compact: bytes, tenant_id: str) -> None:
        """Scrub a valid event in place. `compact` is its JSON text, `tenant_id` its tenant."""
        suspect = _is_suspect(compact)
        if suspect:
            for field in _ID_FIELDS:
                if event.get(field):
                    event[field] = self.pseudonym(tenant_id, event[field])
        properties = event.get("properties")
        renamed = {}
        if suspect and properties and event["event_name"] == "user.alias":
            # These name users: one placeholder for all of them would merge the users.
            for field in ("previous_id", "new_id"):
                if isinstance(properties.get(field), str):
                    renamed[field] = self.pseudonym(tenant_id, properties[field])
        for field in ("properties", "traits", "context"):
            if event.get(field):
                event[field] = _scrub(event[field], suspect, 1)
        if renamed:
            event["properties"].update(renamed)

    def pseudonym(self, tenant_id: str, identifier: str) -> str:
        """An id as it is, or, if it holds personal data, a stable stand-in: `pii_` and 32 hex.

        The stand-in is a keyed hash of tenant and id (without case and outer blanks), so one person
        stays one person inside a tenant, and nobody without the key can find the address.
        """
        if scrub_text(identifier) == identifier:
            return identifier
        message = f"{tenant_id}\x00{identifier.strip().lower()}".encode()
        return "pii_" + hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]


def scrub_value(value: Any) -> Any:
    """Scrub any JSON value, such as an event that was refused; returns a new one."""
    return _scrub(value, suspect=True, depth=1)


def scrub_text(text: str) -> str:
    """Scrub one string: patterns, private query parameters, private fields of JSON inside it."""
    if '"' in text:
        text = _scrub_json_text(text)
    if "=" in text:
        text = _QUERY.sub(_scrub_parameter, text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(EMAIL_REDACTED, text)
    if _NUMERIC.search(text) is None:
        return text
    text = _CARD.sub(_scrub_card, text)
    text = _SSN.sub(SSN_REDACTED, text)
    return _PHONE.sub(PHONE_REDACTED, text)


def is_redacted(value: Any) -> bool:
    """Whether a string was scrubbed already, in part at least."""
    return isinstance(value, str) and any(mark in value for mark in _PLACEHOLDERS)


@lru_cache(maxsize=8192)
def is_private_name(name: str) -> bool:
    """Whether a field of this name is redacted whatever it holds."""
    return re.sub(r"[\W_]", "", name).lower() in _PRIVATE_NAMES


@lru_cache(maxsize=8192)
def _ends_private(name: str) -> bool:
    words = _WORD.findall(name)
    return bool(words) and words[-1].lower() in _PRIVATE_LAST_WORDS


def _is_suspect(compact: bytes) -> bool:
    """Whether any pattern could match some string of an event, by its JSON text."""
    if any(mark in compact for mark in _MARKS):
        return True
    folded = compact.translate(_SHAPE)
    return any(shape in folded for shape in _SHAPES)


def _scrub(value: Any, suspect: bool, depth: int) -> Any:
    """Scrub a value; strings are only looked into when the event is `suspect`."""
    if isinstance(value, str):
        return scrub_text(value) if suspect else value
    if isinstance(value, (dict, list)):
        return REDACTED if depth > _MAX_DEPTH else _scrub_container(value, suspect, depth + 1)
    if isinstance(value, int) and value >= 10**12 and _is_card(str(value)):
        return CARD_REDACTED
    return value


def _scrub_container(value: dict[str, Any] | list[Any], suspect: bool, depth: int) -> Any:
    if isinstance(value, list):
        return [_scrub(item, suspect, depth) for item in value]
    return {
        (scrub_text(name) if suspect else name): (
            REDACTED if _is_private(name, item) else _scrub(item, suspect, depth)
        )
        for name, item in value.items()
    }


def _is_private(name: str, value: Any) -> bool:
    if is_private_name(name):
        return True
    return _ends_private(name) and value is not None and not isinstance(value, bool)


def _scrub_parameter(match: re.Match[str]) -> str:
    mark, name, value = match.groups()
    if value and (is_private_name(name) or _ends_private(name)):
        return f"{mark}{name}={REDACTED}"
    return match[0]


def _scrub_json_text(text: str) -> str:
    """Scrub JSON inside a string by its keys; where it is cut short, pair by pair."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            inner = orjson.loads(text)
        except orjson.JSONDecodeError:
            pass
        else:
            scrubbed = _scrub(inner, suspect=True, depth=_MAX_DEPTH // 2)
            return text if scrubbed == inner else orjson.dumps(scrubbed).decode()
    return _QUOTED_PAIR.sub(_scrub_pair, text)


def _scrub_pair(match: re.Match[str]) -> str:
    if is_private_name(match["name"]) or _ends_private(match["name"]):
        return f"{match['open']}{match['name']}{match['middle']}{match['open']}{REDACTED}"
    return match[0]


def _scrub_card(match: re.Match[str]) -> str:
    return CARD_REDACTED if _is_card(re.sub("[- ]", "", match[0])) else match[0]


def _is_card(digits: str) -> bool:
    """Whether digits carry a known issuer's prefix and length, and a valid Luhn checksum."""
    if not 13 <= len(digits) <= 19 or _ISSUER.fullmatch(digits) is None:
        return False
    total = 0
    for position, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if position % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
