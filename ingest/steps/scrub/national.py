"""National ids in normal text, by country: a checksum, or a shape that nothing else has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stdnum.br import cpf
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.pl import pesel
from stdnum.se import personnummer

from ingest.steps.scrub.marks import NATIONAL_ID_REDACTED, SSN_REDACTED

_BEFORE = r"(?<!\w)(?<!\w-)(?<![0-9][.,/:])"
# SSN: 1, SSN no. 1, SSN is 1
_LINK = r"[\s:=#.(\"']{0,3}(?:(?:no|nr|number|is)\b[.:]?\s{0,2}){0,2}"
_AFTER = r"(?!\w)(?!-\w)(?![.,:/][0-9])"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of id: its shape, its checksum where it has one, what stands in its place."""

    shape: re.Pattern[str]
    is_valid: Callable[[str], bool] = bool
    placeholder: str = NATIONAL_ID_REDACTED
    words: tuple[str, ...] = ()
    """Lowercase; where given, text without any of them is not searched."""

    def scrub(self, text: str, lowered: str) -> str:
        """Replace each id of this kind. `lowered` is the text in lowercase."""
        if self.words and not any(word in lowered for word in self.words):
            return text
        return self.shape.sub(self._replace, text)

    def _replace(self, match: re.Match[str]) -> str:
        found = match["id"]
        if not self.is_valid(found):
            return match[0]
        return match[0].replace(found, self.placeholder)


def _kind(
    shape: str,
    is_valid: Callable[[str], bool] = bool,
    placeholder: str = NATIONAL_ID_REDACTED,
) -> _Kind:
    return _Kind(re.compile(f"{_BEFORE}(?P<id>{shape}){_AFTER}"), is_valid, placeholder)


def _after_word(words: tuple[str, ...], shape: str, placeholder: str) -> _Kind:
    """An id that is one only after a word that says so."""
    said = rf"(?<![^\W_])(?:{'|'.join(words)})\b{_LINK}"
    return _Kind(
        re.compile(rf"{said}(?P<id>{shape}){_AFTER}", re.IGNORECASE),
        placeholder=placeholder,
        words=words,
    )


def _is_rvnr(number: str) -> bool:
    """German pension insurance: area, birth date, letter, serial, check digit (VKVV § 4)."""
    number = number.replace(" ", "").upper()
    digits = f"{number[:8]}{ord(number[8]) - 64:02}{number[9:11]}"
    weighted = (
        int(digit) * weight
        for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1) + (2, 1) * 3, strict=True)
    )
    return sum(sum(map(int, str(product))) for product in weighted) % 10 == int(number[11])


_KINDS: dict[str, tuple[_Kind, ...]] = {
    "US": (
        # SSN (no area 000, 666 or 9xx, no group 00, no serial 0000), ITIN.
        _kind(
            r"(?!000|666|9[0-9]{2})[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}"
            r"|9[0-9]{2}-(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])-[0-9]{4}",
            placeholder=SSN_REDACTED,
        ),
        _after_word(
            ("ssn", "itin", "social security"), r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}", SSN_REDACTED
        ),
    ),
    "GB": (
        # National insurance number; TN and ZZ are temporary ones.
        _kind(
            r"(?!BG|GB|KN|NK|NT)(?:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])"
            r" ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"
            r"|ZZ ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]"
        ),
        _after_word(
            ("nino", "ni number", "national insurance"),
            r"[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]",
            NATIONAL_ID_REDACTED,
        ),
        _after_word(("nhs",), r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}", NATIONAL_ID_REDACTED),
    ),
    "FR": (
        _kind(
            r"[1-478][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[AB])[ .]?[0-9]{3}[ .]?[0-9]{3}"
            r"[ .-]{0,3}[0-9]{2}",
            nir.is_valid,
        ),
    ),
    "IT": (
        _kind(
            r"(?i:[A-Z]{3} ?[A-Z]{3} ?[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}"
            r" ?[A-Z][0-9L-NP-V]{3}[A-Z])",
            codicefiscale.is_valid,
        ),
    ),
    "ES": (
        _kind(r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[- ]?[A-Za-z]", dni.is_valid),
        _kind(r"[XYZxyz][- ]?[0-9]\.?[0-9]{3}\.?[0-9]{3}[- ]?[A-Za-z]", nie.is_valid),
    ),
    "DE": (
        _kind(r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", idnr.is_valid),
        _kind(r"[0-9]{2} ?[0-3][0-9][01][0-9]{3} ?[A-Za-z] ?[0-9]{3}", _is_rvnr),
    ),
    "PL": (_kind(r"[0-9]{11}", pesel.is_valid),),
    "BR": (_kind(r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}", cpf.is_valid),),
    "SE": (_kind(r"(?:19|20)?[0-9]{6}[-+][0-9]{4}|(?:19|20)[0-9]{10}", personnummer.is_valid),),
}


def scrub_national_ids(text: str, countries: Iterable[str]) -> str:
    """Replace each national id of the countries (ISO 3166 codes that the policy knows)."""
    lowered = text.lower()
    for country in sorted(countries):
        for kind in _KINDS[country]:
            text = kind.scrub(text, lowered)
    return text
