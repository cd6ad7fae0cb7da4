"""Card numbers and IBANs in normal text: known issuers or countries, and valid checksums."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import iban, luhn, numdb

from ingest.steps.scrub.context import names_an_id
from ingest.steps.scrub.marks import CARD_REDACTED, IBAN_REDACTED

# Nothing alphanumeric beside it, and not a piece of a longer dashed code or a decimal.
_BEFORE = r"(?<!\w)(?<!\w-)(?<![0-9][.,])"
_CARD = re.compile(
    rf"{_BEFORE}(?:[0-9]{{12,19}}(?![\w-])"
    # Groups of one separator: 4-4-4-4 with a tail of three perhaps, 4-6-5, 4-6-4, 4-3-3-3.
    r"|[0-9]{4}(?P<sep>[- .]{1,2})(?:"
    r"[0-9]{4}(?P=sep)[0-9]{4}(?P=sep)(?:[0-9]{4}|[0-9])(?P<tail>(?P=sep)[0-9]{3})?"
    r"|[0-9]{6}(?P=sep)[0-9]{4,5}|[0-9]{3}(?P=sep)[0-9]{3}(?P=sep)[0-9]{3})"
    r"(?!\w)(?!-[0-9]))"
)
# Issuer prefixes with their lengths. No epoch between 2001 and 2039 begins like one of them.
_ISSUER = re.compile(
    # Visa; Mastercard; American Express; Diners Club; JCB of 15 and 16 digits.
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-59]|[689][0-9])[0-9]{11}"
    r"|(?:2131|1800)[0-9]{11}|35[0-9]{14}"
    # Discover; UnionPay; Mir; Maestro.
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12}|62[0-9]{14}(?:[0-9]{3})?|220[0-4][0-9]{12}"
    r"|(?:50(?:18|20|38)|56[0-9]{2}|5[78][0-9]{2}|6304|6390|67(?:59|6[1-3])|0604)[0-9]{8}"
    r"|(?:50(?:18|20|38)|5893|6304|6390|67(?:59|6[1-3]))[0-9]{12}(?:[0-9]{3})?"
)
_SEPARATOR = re.compile("[^0-9A-Za-z]")
_IBAN_START = re.compile(
    r"(?<!\w)(?<!\w-)([A-Za-z]{2})[0-9]{2}(?=[0-9A-Za-z]{11}|[ .-][0-9A-Za-z]{4})"
)


def scrub_cards(text: str) -> str:
    """Replace each card number."""
    return _CARD.sub(_card, text)


def _card(match: re.Match[str]) -> str:
    found = match[0]
    digits = _SEPARATOR.sub("", found)
    if _is_card(digits):
        # Ten unseparated digits of a hundred fit by chance: an order's number stays.
        if match["sep"] is None and names_an_id(match.string, match.start()):
            return found
        return CARD_REDACTED
    tail = match["tail"]
    if tail and _is_card(digits[:-3]):  # what follows the number is not part of it
        return CARD_REDACTED + tail
    return found


def _is_card(digits: str) -> bool:
    return _ISSUER.fullmatch(digits) is not None and luhn.checksum(digits) == 0


def scrub_ibans(text: str) -> str:
    """Replace each IBAN, also in groups."""
    parts: list[str] = []
    kept = 0
    for start in _IBAN_START.finditer(text):
        country = start[1].upper()
        if start.start() < kept or (shape := _iban_shape(country)) is None:
            continue
        found = shape.match(text, start.start())
        if found is not None and _is_iban(_SEPARATOR.sub("", found[0]).upper()):
            parts += (text[kept : start.start()], IBAN_REDACTED)
            kept = found.end()
    return text if not parts else "".join((*parts, text[kept:]))


@lru_cache(maxsize=1024)
def _iban_shape(country: str) -> re.Pattern[str] | None:
    """What an IBAN of a country looks like; None where there are none."""
    structure = numdb.get("iban").info(country)[0][1].get("bban")
    if structure is None:
        return None
    length = 2 + sum(map(int, re.findall(r"([0-9]+)!", structure)))
    return re.compile(rf"[A-Za-z]{{2}}(?:[ .-]?[0-9A-Za-z]){{{length}}}(?![0-9A-Za-z])")


def _is_iban(number: str) -> bool:
    # The remainder by hand first: it is thirty times faster and refuses nearly all.
    digits = "".join(str(int(char, 36)) for char in number[4:] + number[:4])
    return int(digits) % 97 == 1 and iban.is_valid(number, check_country=False)
