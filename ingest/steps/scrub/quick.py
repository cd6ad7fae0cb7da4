"""The quick look that nearly all events stop at: could any pattern match anywhere in it?

A search for plain bytes is thirty times faster than a regex that begins with a set of them. So the
JSON is folded first, byte by byte: digits into `0`, letters into `a`, all but the colon into `-`.
Where a shape is found, the unfolded bytes at the same place are looked at more closely.
"""

from __future__ import annotations

import re

from ingest.steps.scrub.policy import DEFAULT, Policy

# What makes a suspect by itself: @ % = and the backslash, fullwidth characters, digits of other
# scripts. Everything else is deleted, in one pass.
_HARMLESS = bytes(set(range(256)) - set(b"@%=\\\xd9\xdb\xe0\xe1\xef\xf0"))
# In JSON no blank follows a colon, and a quote precedes it: these are `name: value`,
# {'name':'value'} and, folded, name:value.
_PAIRS = (b": ", b"':")
_FOLDED_PAIR = b"a:a"


def _fold(code: int) -> int:
    if code < 128 and (chr(code).isalpha() or code == ord("_")):
        return ord("a")
    if chr(code) in "0123456789":
        return ord("0")
    return code if code == ord(":") else ord("-")


_FOLDED = bytes(map(_fold, range(256)))
# Eight digits with gaps, and no letter at once behind them, as in an ISO time.
_FOLDED_NUMBER = rb"0(?:-{0,9}0){7}(?:-{0,9}0|[^0a])"
# The same, unfolded: not the end of a code or a decimal, no date, no four numbers between dots, no
# run of eight alone.
_NUMBER = re.compile(
    rb".(?<!\w-)(?<![0-9][.,/:])(?=[0-9])"
    rb"(?!(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9]))"
    rb"(?![1-9][0-9]{0,4}(?:\.[0-9]{1,5}){3}(?![0-9.]))"
    rb"(?![0-9]{8}[-. /()\x80-\xff]{0,9}[^0-9\x80-\xff()./ -])"
    rb"[0-9](?:[-. /()\x80-\xff]{0,9}[0-9]){7}",
    re.DOTALL,
)
# IBAN; national insurance number: folded, and as they are. Blanks may have three bytes.
_FOLDED_LETTERS = (
    rb"-aa(?:00(?:[0a]{11}|-{1,4}[0a]{4})|-{0,4}00-{0,4}00-{0,4}00-{0,4}a)"
)
_GAP = rb"[ \x80-\xff]{0,4}"
_LETTER = re.compile(
    rb".[A-Za-z]{2}(?:[0-9]{2}(?:[0-9A-Za-z]{11}|[- .\x80-\xff]{1,4}[0-9A-Za-z]{4})"
    rb"|" + (_GAP + rb"[0-9]{2}") * 3 + _GAP + rb"[A-Za-z](?![0-9A-Za-z_]))",
    re.DOTALL,
)
_NUMBERS = (
    (re.compile(b"-" + _FOLDED_NUMBER), _NUMBER),
    (re.compile(b":" + _FOLDED_NUMBER), _NUMBER),
    (re.compile(_FOLDED_LETTERS), _LETTER),
)
_SHORTEST = 8
# Codice fiscale; DNI and NIE; German pension insurance; a Corsican NIR.
_MORE_LETTERS = {
    "IT": re.compile(rb"-aaa-?aaa-?[0a]{2}a[0a]{2}-?a[0a]{3}a"),
    "ES": re.compile(rb"-(?:00|a-?0)-?000-?000-?a"),
    "DE": re.compile(rb"-00-?000000-?a-?000"),
    "FR": re.compile(rb"-0-?00-?00-?0a-?000"),
}
# Soft hyphen, zero-width and direction marks.
_INVISIBLE = re.compile(
    rb"\xc2\xad|\xcd\x8f|\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xaf])"
)


def is_suspect(compact: bytes, policy: Policy = DEFAULT) -> bool:
    """Whether any pattern could match some string of an event, by its compact JSON."""
    if compact.translate(None, _HARMLESS) or _PAIRS[0] in compact or _PAIRS[1] in compact:
        return True
    folded = compact.translate(_FOLDED)
    return (
        _FOLDED_PAIR in folded
        or _has_number(compact, folded, policy)
        or (not compact.isascii() and _INVISIBLE.search(compact) is not None)
    )


def may_hold_numbers(text: str, policy: Policy) -> bool:
    """Whether a string in its normal form could hold a number that is scrubbed."""
    if len(text) < _SHORTEST:
        return False
    quoted = b'"%b"' % text.encode(errors="replace")
    return _has_number(quoted, quoted.translate(_FOLDED), policy)


def _has_number(compact: bytes, folded: bytes, policy: Policy) -> bool:
    for shape, closer in _NUMBERS:
        for found in shape.finditer(folded):
            if closer.match(compact, found.start()) is not None:
                return True
    if policy is DEFAULT:
        return False
    return any(
        country in policy.national_ids and shape.search(folded) is not None
        for country, shape in _MORE_LETTERS.items()
    )
