"""The quick look that nearly all events stop at: could any pattern match anywhere in it?"""

from __future__ import annotations

import re

from ingest.steps.scrub.policy import DEFAULT, Policy

# Everything but @ % = and the backslash, deleted in one pass: what is left makes a suspect.
_HARMLESS = bytes(set(range(256)) - set(b"@%=\\"))
# `name: value`, {'name':'value'}; in JSON itself no blank follows a colon.
_COLONS = (b": ", b"':")
# A letter for each letter, a digit for each digit: `a:a` is name:value, JSON writes `":`.
_FOLDED = bytes(
    ord("a") if chr(code).isalpha() and code < 128 or code == 95 else 48 if 48 <= code <= 57 else code
    for code in range(256)
)
# One regex, anchored on a set of first bytes so that the search skips fast. In it, by turns:
# eight digits with gaps (also of bytes that are not ASCII), after nothing alphanumeric, that are
# neither an ISO date nor four numbers between dots; two letters and digits (IBAN, national
# insurance number); invisible and fullwidth characters, digits of other scripts.
_SHAPE = re.compile(
    rb"[0-9+\xc2\xcd\xd9\xdb\xe0\xe1\xe2\xef\xf0](?:"
    rb"(?<=[^0-9A-Za-z_][0-9])(?<!\w-[0-9])"
    rb"(?!(?<=[12])[0-9]{3}-[01][0-9]-[0-3][0-9](?![0-9]))"
    rb"(?!(?<=[1-9])[0-9]{0,4}(?:\.[0-9]{1,5}){3}(?![0-9.]))"
    rb"(?:[-. /()\x80-\xff]{0,9}[0-9]){7}"
    rb"|(?<=[^0-9A-Za-z][A-Za-z]{2}[0-9])[0-9][ .-]?[0-9A-Za-z]"
    rb"|(?<=[^0-9A-Za-z][A-Z]{2} [0-9])[0-9]"
    rb"|(?<=\+)\(?[ ]?[1-9]"
    rb"|(?<=[\xd9\xdb\xe0\xe1\xef\xf0])"
    rb"|(?<=\xc2)\xad|(?<=\xcd)\x8f|(?<=\xe2)(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xaf])"
    rb")"
)
# Ids that are more letters than digits: codice fiscale; NIE.
_LETTERS = re.compile(
    rb"[A-Za-z](?:(?<=[^0-9A-Za-z_][A-Za-z])[A-Za-z]{2} ?[A-Za-z]{3} ?[0-9L-Vl-v]{2}[A-Za-z]"
    rb"|(?<=[^0-9A-Za-z_][XYZxyz])[- ]?[0-9]\.?[0-9]{3}\.?[0-9]{3})"
)
_LETTERED = frozenset({"IT", "ES"})


def is_suspect(compact: bytes, policy: Policy = DEFAULT) -> bool:
    """Whether any pattern could match some string of an event, by its compact JSON."""
    if compact.translate(None, _HARMLESS) or any(colon in compact for colon in _COLONS):
        return True
    if b"a:a" in compact.translate(_FOLDED) or _SHAPE.search(compact) is not None:
        return True
    return not _LETTERED.isdisjoint(policy.national_ids) and _LETTERS.search(compact) is not None
