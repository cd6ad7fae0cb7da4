"""The one form of a text in which patterns are looked for, whatever form it came in."""

from __future__ import annotations

import re
import unicodedata

# Zero-width and direction marks, soft hyphen, variation selectors: nobody sees them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Inside a number only: elsewhere a dash is prose, and ー a long vowel.
_DASH = re.compile(r"(?<=[\d) ])[\u2010-\u2015\u2043\u2212\ufe58\u30fc](?=[\d( ])")
_DOT = re.compile(r"(?<=\d)[\u00b7\u2022\u2024\u2219\u30fb](?=\d)")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")


def normal(text: str) -> str:
    """NFKC without invisible characters, with ASCII digits and, in numbers, ASCII dashes."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    return _DOT.sub(".", _DASH.sub("-", text))


def plain_letters(text: str) -> str:
    """The text without accents: `Prénom` and `prenom` are one name."""
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
