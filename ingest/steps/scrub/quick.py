"""The quick look that nearly all events stop at: could any pattern match anywhere in it?

Regexes that begin with a set of characters cost several times one that begins with a single one, or
a plain search. So the JSON is folded first, byte by byte: digits into `0`, letters into `a`, all
else into `-`. Where a shape is found, the unfolded bytes at the same place are looked at closely.
"""

from __future__ import annotations

import re

from ingest.steps.scrub.policy import DEFAULT, Policy

# Everything but what follows is deleted, in one pass; nearly always nothing is left, or a few
# letters that are not ASCII.
_HARMLESS = bytes(set(range(128)) - set(b"@%=\\"))
# Marks of addresses, forms and escapes; fullwidth characters, digits of other scripts; rare blanks,
# soft hyphen, zero-width and direction marks.
_MARK = re.compile(
    rb"[@%=\\\xd9\xdb\xe0\xe1\xef\xf0]|\xc2[\xa0\xad]|\xcd\x8f"
    rb"|\xe2(?:\x80[\x80-\x8f\xa8-\xaf]|\x81[\x9f-\xaf])|\xe3\x80\x80"
)
# `name: value`, {'name':'value'}, name:value. JSON's own colons follow a quote. No time, no URL, no
# piece of an IPv6 address, no `rv:133.0` of Firefox.
_PAIR = re.compile(
    rb":(?<=[0-9A-Za-z_')\] ]:)"
    rb"(?!//|(?<=[0-9]:)[0-9]|(?<=rv:)|(?<=[0-9A-Fa-f:]:)[0-9A-Fa-f]{0,4}[:\"])"
)


def _fold(code: int) -> int:
    if code < 128 and (chr(code).isalpha() or code == ord("_")):
        return ord("a")
    return ord("0") if chr(code) in "0123456789" else ord("-")


_FOLDED = bytes(map(_fold, range(256)))
# Eight digits with gaps, so nine characters, and no letter at once behind them, as in an ISO time;
# or a national insurance number with blanks.
_FOLDED_NUMBER = re.compile(
    rb"-0(?:(?=[-0]{8})(?:-{0,9}0){7}(?:-{0,9}0|[^0a])|(?<=-aa-0)0-?00-?00-?a)"
)
# Unfolded, not the end of a code or a decimal, no date, no four numbers between dots, no run of
# eight alone. Gaps may be of bytes that are not ASCII.
_NUMBER = re.compile(
    rb".(?:(?<!\w-)(?<![0-9][.,/:])"
    rb"(?!(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9]))"
    rb"(?:(?<=\+)|(?![1-9][0-9]{0,4}(?:\.[0-9]{1,5}){3}(?![0-9.])))"
    rb"(?![0-9]{8}[-. /()\x80-\xff]{0,9}[^0-9\x80-\xff()./ -])"
    rb"[0-9](?:[-. /()\x80-\xff]{0,9}[0-9]){7}"
    rb"|(?<= )[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Za-z](?![0-9A-Za-z_]))",
    re.DOTALL,
)
# IBAN; national insurance number without a blank after its letters.
_FOLDED_PREFIX = b"-aa0"
_FOLDED_LETTERS = re.compile(rb"-aa00(?:[0a]{11}|-[0a]{4}|-?00-?00-?a)")
_LETTERS = re.compile(
    rb".[A-Za-z]{2}[0-9]{2}(?:[0-9A-Za-z]{11}|[- .][0-9A-Za-z]{4}"
    rb"| ?[0-9]{2} ?[0-9]{2} ?[A-Za-z](?![0-9A-Za-z_]))",
    re.DOTALL,
)
# By policy. Codice fiscale; DNI and NIE; German pension insurance; a Corsican NIR.
_BY_COUNTRY = {
    "IT": re.compile(rb"-aaa-?aaa-?[0a]{2}a[0a]{2}-?a[0a]{3}a"),
    "ES": re.compile(rb"-(?:00|a-?0)-?000-?000-?a"),
    "DE": re.compile(rb"-00-?000000-?a-?000"),
    "FR": re.compile(rb"-0-?00-?00-?0a-?000"),
}
_SHORTEST = 8


def is_suspect(compact: bytes, policy: Policy = DEFAULT) -> bool:
    """Whether any pattern could match some string of an event, by its compact JSON."""
    left = compact.translate(None, _HARMLESS)
    return (
        (left != b"" and _MARK.search(left) is not None)
        or _PAIR.search(compact) is not None
        or _has_number(compact, policy)
    )


def may_hold_numbers(text: str, policy: Policy) -> bool:
    """Whether a string in its normal form could hold a number that is scrubbed."""
    return len(text) >= _SHORTEST and _has_number(b'"%b"' % text.encode(errors="replace"), policy)


def _has_number(compact: bytes, policy: Policy) -> bool:
    folded = compact.translate(_FOLDED)
    for found in _FOLDED_NUMBER.finditer(folded):
        if _NUMBER.match(compact, found.start()) is not None:
            return True
    if _FOLDED_PREFIX in folded:
        for found in _FOLDED_LETTERS.finditer(folded):
            if _LETTERS.match(compact, found.start()) is not None:
                return True
    return policy is not DEFAULT and any(
        country in policy.national_ids and shape.search(folded) is not None
        for country, shape in _BY_COUNTRY.items()
    )
