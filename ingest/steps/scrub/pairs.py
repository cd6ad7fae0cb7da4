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
_VALUE = re.compile(
    # In quotes, or cut short inside them; in brackets; a call.
    r"(?:[bBuUrR]{0,2}(?P<quote>\\{0,8}[\"'])(?:(?!(?P=quote))(?:\\.|.))*+(?P<end>(?P=quote))?"
    r"|\{[^{}]*+\}?|\[(?![A-Z_]+REDACTED\])[^\[\]]*+\]?|[A-Za-z_][\w.]{0,40}\([^()]*+\)?)",
    re.DOTALL,
)
# Without quotes: in a form to its end; elsewhere to the end of the line or the next pair.
_IN_FORM = re.compile(r"[^&;#\s\"'<>\\]*+")
_IN_LITERAL = re.compile(r"[^,}\])\n\r\"'\\]*+")
_WORD = re.compile(r"[^\s,;&|\"'<>}\\]++")
_LINE = re.compile(r"(?:(?![ ]{1,3}[\w.-]{1,64}(?:[ ]?=|:[ ]))[^,;|&\n\r\"<>}\\])*+")
_NOTHING = re.compile(r"\s*(?:true|false|null|none|nil|undefined)?\s*", re.IGNORECASE)
_ONE_WORD = re.compile(r"(?i)pass|pwd|mail|kennwort|contras|senha|wachtwoord|losen|haslo|secret")


def scrub_pairs(text: str) -> str:
    """Replace the values of private names."""
    parts = []
    kept = 0
    for name in _NAME.finditer(text):
        if name.start() < kept or not _is_private(name):
            continue
        end, replacement = _value_of(name, text)
        if end > name.end():
            parts += (text[kept : name.end()], replacement)
            kept = end
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
    closed = _VALUE.match(text, start)
    if closed is not None:
        quote = closed["quote"] or name["quote"] or ""
        return closed.end(), f"{quote}{REDACTED}{closed['end'] if closed['quote'] else quote}" if (
            closed["quote"] is None or closed["end"]
        ) else f"{quote}{REDACTED}"
    quote = name["quote"] or ""
    if quote:
        value = _IN_LITERAL.match(text, start)
    elif "=" in name["sign"]:
        before = text[name.start() - 1 : name.start()]
        if before in ("?", "&", ";", "#") and before:
            value = _IN_FORM.match(text, start)
        else:
            value = _WORD.match(text, start)
            follows = text[value.end() : value.end() + 1] if value else ""
            if value is not None and follows == " " and not _ONE_WORD.search(name["bare"]):
                value = _LINE.match(text, start)
    else:
        value = _LINE.match(text, start)
    if value is None or _NOTHING.fullmatch(value[0]):
        return start, ""
    end = value.start() + len(value[0].rstrip())
    return end, f"{quote}{REDACTED}{quote}"
