"""Clean events stop at the quick look; no text makes the scrubber slow."""

from __future__ import annotations

import random
import time
from datetime import date
from itertools import islice

import orjson
import pytest

from bioqms import sample
from ingest.steps.scrub import is_private_name, scrub_text
from ingest.steps.scrub.quick import is_suspect
from tests.ingest.steps.scrub.personal_data import LOOK_ALIKES

SIZE = 32 * 1024
RANDOM = random.Random(18)


def test_nearly_all_events_stop_at_the_quick_look() -> None:
    lines = islice(sample.events(4000, 7, 5, end=date(2026, 10, 31)), 3000)
    events = [orjson.dumps(orjson.loads(line)) for line in lines]
    assert sum(map(is_suspect, events)) < 0.02 * len(events)


@pytest.mark.parametrize(
    "kind",
    ["UUID", "versions", "hex hashes", "WO-2026-nnnn", "IP addresses"],
)
def test_ids_and_times_stop_at_the_quick_look(kind: str) -> None:
    make = LOOK_ALIKES[kind]
    events = [orjson.dumps({"properties": {"x": make(RANDOM)}}) for _ in range(2000)]
    assert sum(map(is_suspect, events)) < 0.35 * len(events)


UNITS = [
    "a", "@", "a.a@", "@a.", "1-", "1 ", "+1 ", "(0", "0 ", "01 ", "00 ", "+1(0)", "1", "4",
    '\\"', '"a":', "'a': ", "&a=", "a=", "a: ", " = ", "(", "[", '"', "'", "{", ":", "://", "%41",
    "%2541", "%25", "\\u0040", "\n", " ", "word ", "tel ", "tel 1-", "call ", "lot 030 1 ", "LOT-",
    "4111-1111-1111-1112 ", "+49 30 1234567, ", "030 1234567, ", "415-555-0123 ", "123-45-6789 ",
    "DE89 3704 0044 0532 0130 01 ", "DE12", "ZZ 12 34 56 ", "password: x ", "password=x&",
    "password={", "password=a(", 'password="', "password: ", "address: a, ", "aaa a a a=", "a.b-c",
    "415-555-0123 x", "\u200b", "e\u0301", "１", "٣", "–1", "ー1", "a[", "a[b]", "0.1", "+1.",
]  # fmt: skip


def texts() -> list[str]:
    """Units over and over, after a beginning and before an end that could set a search off."""
    made = [unit * (SIZE // len(unit)) for unit in UNITS]
    made += [f"{start}{unit * ((SIZE - 20) // len(unit))}{end}" for start, unit, end in (
        ("@", "a.", ""), ("password:", " ", "x"), ("password: ", "a ", "b=1"), ("&", "a", "="),
        ('"', "\\", ""), ("", "[", '"'), ("call ", "1 ", "x"), ("://", "a", "@"), ("", "a", "%41"),
        ("+49", " 1", "x"), ("(030) ", "12 ", "x"), ("password='", "\\'", ""), ("a", " a", ":"),
    )]  # fmt: skip
    for letters in ("0123456789-@", "0123456789 -+().@/", "0123456789", "ab=:&\"'%[]{} ", "0a-:"):
        made.append("".join(RANDOM.choices(letters, k=SIZE)))
    return made


@pytest.mark.parametrize("text", texts(), ids=lambda text: repr(text[:12]))
def test_cost_grows_with_length_not_faster(text: str) -> None:
    # Eight times the text costs eight times as much; a search that looks back, 64 times.
    assert cost(text) < 24 * max(cost(text[: SIZE // 8]), 0.0005)


def cost(text: str) -> float:
    """CPU seconds of this process, the least of several tries."""
    tries = []
    for _ in range(4):
        is_private_name.cache_clear()  # names that fit a cache would cost a short text nothing
        begun = time.process_time()
        scrub_text(text)
        tries.append(time.process_time() - begun)
    return min(tries)
