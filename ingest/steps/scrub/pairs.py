"""Private fields written out in text: `password=x&`, `"ssn": "1"`, `{'dob': None}`, `phone: 1`.

Query strings and form bodies, JSON and Python literals (whole, cut short, or escaped), log lines.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

from ingest.steps.scrub.marks import REDACTED
from ingest.steps.scrub.names import is_private_label, is_private_name

# A name, in quotes or not, and what separates it from its value. Words before a colon may be
# several: `Date of birth: 1`. Possessive and anchored, so the search is linear.
_NAME = re.compile(
    r"(?<![\w%\[\].-])(?:(?P<quote>\\{0,8}[\"'])(?P<quoted>[\w $@.\[\]-]{1,64}+)(?P=quote)"
    r"|(?P<bare>\w[\w.%\[\]-]*+(?P<more>(?:[ ]\w[\w.%-]*+){0,3}+)))"
    r"(?P<sign>\s{0,4}(?:=>?|:(?!//))\s{0,4})"
)
# A value in quotes, or cut short inside them; in brackets; a call.
_ENCLOSED = re.compile(
    r"(?:[bBuUrR]{0,2}(?P<quote>\\{0,8}[\"'])(?:(?!(?P=quote))(?:\\.|.))*+(?P<end>(?P=quote))?"
    r"|\{[^{}]*+\}?|\[(?![A-Z_]+REDACTED\])[^\[\]]*+\]?|[A-Za-z_][\w.]{0,40}\([^()]*+\)?)",
    re.DOTALL,
)
# Without quotes: in a form or a literal to its end; elsewhere a word, or all up to the end of the
# line or the next pair.
_IN_FORM = re.compile(r"[^&;#\s\"'<>\\]*+")
_IN_LITERAL = re.compile(r"[^,}\])\n\r\"'\\]*+")
_WORD = re.compile(r"[^\s,;&|\"'<>}\\]++")
_NEXT_PAIR = r"(?![ ]{1,3}[\w.-]{1,64}(?:[ ]?=|:[ ]))"
_LINE = re.compile(rf"(?:{_NEXT_PAIR}[^,;|&\n\r\"<>}}\\])*+")
_ADDRESS_LINE = re.compile(rf"(?:{_NEXT_PAIR}[^;|&\n\r\"<>}}\\])*+")
_ADDRESS = re.compile(r"(?i)addr|adress|direccion|indirizzo|endereco")
_ONE_WORD = re.compile(r"(?i)pass|pwd|mail|kennwort|contras|senha|wachtwoord|losen|haslo")
_NOTHING = frozenset({"", "true", "false", "null", "none", "nil", "undefined"})
_ONE_WORD = re.compile(r"(?i)pass|pwd|mail|kennwort|contras|senha|wachtwoord|losen|haslo|secret")


def scrub_pairs(text: str) -> str:
    """Replace the values of private names."""
    parts: list[str] = []
    kept = position = 0
    while (name := _NAME.search(text, position)) is not None:
        position = name.end()
        if not _is_private(name):
            continue
        end, replacement = _value_of(name, text)
        if end > position:
            parts += (text[kept:position], replacement)
            kept = position = end
    return text if not parts else "".join((*parts, text[kept:]))


def _is_private(name: re.Match[str]) -> bool:
    if name["quoted"] is not None:
        return is_private_name(name["quoted"])
    bare = name["bare"]
    if name["more"]:
        last = bare.rpartition(" ")[2]
        return is_private_label(bare) or is_private_name(last)
    return _is_private_encoded(bare) if "%" in bare else is_private_name(bare)


@lru_cache(maxsize=1024)
def _is_private_encoded(name: str) -> bool:
    return is_private_name(unquote(unquote(name)))


def _value_of(name: re.Match[str], text: str) -> tuple[int, str]:
    """Where the value of a name ends, and what takes its place."""
    start = name.end()
    quote = name["quote"] or ""
    enclosed = _ENCLOSED.match(text, start)
    if enclosed is not None:
        if enclosed["quote"]:
            return enclosed.end(), enclosed["quote"] + REDACTED + (enclosed["end"] or "")
        return enclosed.end(), quote + REDACTED + quote
    value = _shape_of(name, text).match(text, start)
    if value is None or value[0].strip().lower() in _NOTHING:
        return start, ""
    return start + len(value[0].rstrip()), quote + REDACTED + quote


def _shape_of(name: re.Match[str], text: str) -> re.Pattern[str]:
    """What a value without quotes looks like behind this name."""
    if name["quote"]:
        return _IN_LITERAL
    if "=" in name["sign"]:
        if name.start() and text[name.start() - 1] in "?&;#":
            return _IN_FORM
        word = _WORD.match(text, name.end())
        is_last = word is not None and text[word.end() : word.end() + 1] != " "
        if is_last or _ONE_WORD.search(name["bare"]):
            return _WORD
    return _ADDRESS_LINE if _ADDRESS.search(name["bare"]) else _LINE
