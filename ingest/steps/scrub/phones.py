"""Phone numbers in normal text.

A number is one by its country code, judged by the lengths that phonenumbers knows, or by the way
it is written where people write only phones so. Bare digits, and three groups between blanks, are
ids and measures far more often; they count only after a word such as `tel`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from ingest.steps.scrub.context import names_an_id
from ingest.steps.scrub.marks import PHONE_REDACTED

_BEFORE = r"(?<![\w+])(?<!\w-)(?<![0-9][.,/:])"
_AFTER = r"(?!\w)(?!-\w)(?![.,:/][0-9])"
_EXTENSION = (
    r"(?:[ ,;]{0,2}(?:x|ext\.?|extn\.?|extension|\#|poste|interno?|int\.?|ramal|anexo|durchwahl|dw"
    r"|toestel|ankn\.?|wew\.?)[ .:=]{0,2}[0-9]{1,6}(?![0-9]))?"
)
# (0) of +44 (0)20 counts as part of a gap.
_GAP = r"(?:[- ./]{0,2}\(0\)[- ./]{0,2}|[- ./()]{0,3})"
_PHONE = re.compile(
    rf"""{_BEFORE}(?:
    # +49 30 901820, (+358) 494205552, 0049 30 901820, 001-415-555-0123
    (?P<code>(?:(?P<open>\()?\+\ ?|00[- ]?)\(?)(?P<coded>[1-9](?:{_GAP}[0-9]){{7,14}}(?(open)\)?))
    # 415-555-0123, (415) 555-0123, 1.415.555.0123; with blanks only after a 1
    | (?:1[-. ])?(?:\([2-9][0-9]{{2}}\)[-. ]{{0,2}}[2-9][0-9]{{2}}[-. ]?[0-9]{{4}}
      |[2-9][0-9]{{2}}(?:[-/][2-9][0-9]{{2}}[-. ]|[ ][2-9][0-9]{{2}}[-.])[0-9]{{4}}
      |(?<!/)[2-9][0-9]{{2}}\.[2-9][0-9]{{2}}\.[0-9]{{4}})
    | 1[ ][2-9][0-9]{{2}}[ ][2-9][0-9]{{2}}[ ][0-9]{{4}}
    # A trunk zero: 030/901820, (030) 901820, 06 12 34 56 78, 020 7946 0958, 0 (212) 345 67 89
    | (?P<trunk>(?:\(0[0-9]{{1,5}}\)[-. /]{{0,2}}|0[0-9]{{1,4}}(?:[-./]|[ ][-/]?[ ]?)
      |0[ ]?\([0-9]{{2,4}}\)[ ]?)[0-9]{{2,8}}(?:[-. /][0-9]{{2,4}}){{0,4}})
    # 11 91234-5678, (11) 1234-5678, 62-3286-0129
    | (?:\([1-9][0-9]\)[ ]?|[1-9][0-9][- ])9?[0-9]{{4}}-[0-9]{{4}}
    # (351) 919 825 979, (351) 919825979, 8 (483) 378-87-62; 45/807 3021
    | [1-9][0-9]/[0-9]{{3}}[- ][0-9]{{3,4}}
    | (?:8[ ]?)?\([1-9][0-9]{{1,3}}\)[-. /]{{0,2}}
      (?:[0-9]{{7,9}}|[0-9]{{2,4}}(?:[-. ][0-9]{{2,4}}){{1,3}})
    # 8 896 935 0492, 8-896-935-04-92
    | 8[- ][0-9]{{3}}[- ][0-9]{{3}}[- ][0-9]{{2}}[- ]?[0-9]{{2}}
    # 912 34 56 78; 22 657 07 04; 138-0013-8000; 347 1234567; 612-345-678
    | [1-9][0-9][ ][0-9]{{3}}[ ][0-9]{{2}}[ ][0-9]{{2}}
    | [6-9][0-9]{{2}}(?P<s>[-. ])[0-9]{{2}}(?P=s)[0-9]{{2}}(?P=s)[0-9]{{2}}
    | 1[3-9][0-9]-[0-9]{{4}}-[0-9]{{4}}
    | 3[1-9][0-9][-/ ][0-9]{{6,7}}
    | [5-9][0-9]{{2}}-[0-9]{{3}}-[0-9]{{3}}
    # 23 45 67 89, 901 29 040: neither more groups before nor after
    | (?<![0-9][ ])(?:[2-9][0-9](?:[ ][0-9]{{2}}){{3}}|[49][0-9]{{2}}[ ][0-9]{{2}}[ ][0-9]{{3}})
      (?![ ][0-9])
    ){_EXTENSION}{_AFTER}""",
    re.VERBOSE | re.IGNORECASE,
)
# After such a word any number of a phone's length is one.
_WORD = (
    r"(?:t[eé]l(?:[eé](?:f[oó]?n|ph?on)\w{0,10}|[eé]f?)?|phone\w{0,8}|mobile?|m[oó]vil|mobiel"
    r"|handy\w{0,7}|cell[ ]?phone|celular\w?|cellulare|fax|whatsapp|rufnummer)\b\.?"
)
_CALL = r"(?:call(?:ed|ing|s)?|dial(?:ed)?|text(?:ed)?|sms|ring|reach(?:ed)?|contact(?:ed)?)\b"
_LINK = (
    r"[\s:=#(\"']{1,3}"
    r"(?:(?:number|num|no|nr|is|was|at|on|me|us|him|her|them|to)\b[.:]?\s{0,2}){0,3}"
)
_ANNOUNCED = re.compile(
    rf"(?<![^\W_])(?P<words>(?:{_WORD}|(?P<call>{_CALL})){_LINK})"
    rf"(?P<number>\(?[0-9](?:[-. /()]{{0,2}}[0-9]){{7,14}}{_EXTENSION}){_AFTER}",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:[0-3]?[0-9]([-./ ])[01]?[0-9]\1(?:19|20)?[0-9]{2}"
    r"|(?:19|20)[0-9]{2}([-./ ])[01]?[0-9]\2[0-3]?[0-9])"
    r"(?![0-9])(?!\1[0-9]|\2[0-9])"
)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,5}\.[0-9]+")
_NO_DIGIT = re.compile(r"[^0-9]")
_BETWEEN_NUMBERS = re.compile(r"[ /]+|(?<=[0-9])-")
_LAST_GROUP = re.compile(r"[- ./()]+[0-9]+\)?$")
_PAIRS = re.compile(r"[0-9]{2}(?: [0-9]{2})+")
_EXTENSION_MARK = re.compile(r"[a-z#]", re.IGNORECASE)


def scrub_phones(text: str) -> str:
    """Replace each phone number."""
    return _ANNOUNCED.sub(_announced, _PHONE.sub(_phone, text))


def _phone(match: re.Match[str]) -> str:
    found = match[0]
    if match["code"] is not None:
        left = _coded(match)
        if left is not None and ("+" in found or not names_an_id(match.string, match.start())):
            return PHONE_REDACTED + left
        if not found.startswith("00") or not _TRUNK_ALONE.fullmatch(found):
            return found
        trunk: str | None = found
    else:
        trunk = match["trunk"]
    if trunk is not None and not _may_follow_trunk(trunk):
        return found
    # 02 20 23 15 behind 2026 and a blank is the rest of a time.
    if trunk is not None and _PAIRS.fullmatch(trunk) and _follows_number(match):
        return found
    if names_an_id(match.string, match.start()):
        return found
    return PHONE_REDACTED


_TRUNK_ALONE = re.compile(r"0[0-9]{1,4}(?:[-./]|[ ][-/]?[ ]?)[0-9]{2,8}(?:[-. /][0-9]{2,4}){0,4}")


def _follows_number(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 2) : match.start()]
    return before[:1].isdigit() and before[1:] == " "


def _coded(match: re.Match[str]) -> str | None:
    """What is left behind the number of a match with a country code; None if it is none."""
    code, coded = match["code"], match["coded"]
    if "." in coded and _is_decimals(coded):
        return None
    rest = match[0][len(code) + len(coded) :]
    left = ""
    while True:
        digits = _NO_DIGIT.sub("", coded.replace("(0)", ""))
        if _is_possible(digits, code.startswith("00")) and ("+" in code or len(digits) > 8):
            return left + rest if left else ""
        # The digits that follow belong to something else: +1 415 555 0123 12 items.
        last = _LAST_GROUP.search(coded)
        if last is None:
            return None
        left = coded[last.start() :] + left
        coded = coded[: last.start()]


def _is_possible(digits: str, spelled_out: bool) -> bool:
    """Whether digits are a country code and a number of a length that the country has."""
    for length in (1, 2, 3):
        code = int(digits[:length])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            national = digits[length:]
            if code == 1 and spelled_out and not _NORTH_AMERICAN.fullmatch(national):
                return False
            return _has_length(code, len(national)) or (
                national.startswith("0") and _has_length(code, len(national) - 1)
            )
    return False


_NORTH_AMERICAN = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")


@lru_cache(maxsize=4096)
def _has_length(code: int, length: int) -> bool:
    if length < 5:
        return False
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int("2" * length))
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE


def _is_decimals(text: str) -> bool:
    """Whether a text is made of decimal numbers: +48.858844 2.294351, +40.7128-074.0060."""
    return all(map(_DECIMAL.fullmatch, _BETWEEN_NUMBERS.split(text.rstrip(")"))))


def _may_follow_trunk(found: str) -> bool:
    """Whether digits after a trunk zero are grouped as people group phones."""
    number = _EXTENSION_MARK.split(found)[0]
    digits = _NO_DIGIT.sub("", number)
    if not 8 <= len(digits) <= 13 or _DATE.match(number) or _is_decimals(number):
        return False
    area, *groups = (group for group in _NO_DIGIT.split(number) if group)
    if area == "0":
        area, *groups = groups
    # 2-4 after an area is a lot or a part; four groups of three between dots are an address.
    return [len(group) for group in groups] != [2, 4] and not (
        number.count(".") == 3 and len(groups) == 3 and len(area) == 3 == len(groups[0])
    )


def _announced(match: re.Match[str]) -> str:
    number = match["number"]
    bare = number.isdigit()
    if _DATE.match(number) or _is_decimals(number) or (bare and (match["call"] or len(number) < 9)):
        return match[0]
    return match["words"] + PHONE_REDACTED
