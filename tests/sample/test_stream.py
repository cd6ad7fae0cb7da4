"""The stream as a whole: same bytes, exact number, order, window, constant memory."""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from datetime import date

import pytest

from bioqms import sample
from tests.sample.conftest import END, ROOT

DIGEST = """
import hashlib, datetime
from bioqms.sample import events
digest = hashlib.sha256()
for line in events(20_000, 20, 7, 5, datetime.date(2026, 11, 20)):
    digest.update(line)
print(digest.hexdigest())
"""


def test_same_arguments_same_bytes_whatever_the_hash_seed() -> None:
    expected = hashlib.sha256(b"".join(sample.events(20_000, 20, 7, 5, END))).hexdigest()
    for hash_seed in ("1", "2"):
        result = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Apia"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout.strip() == expected


def test_two_worlds_share_no_event_id() -> None:
    ids = [
        {json.loads(line).get("event_id") for line in sample.events(3_000, 10, 2, seed, END)}
        for seed in (1, 2)
    ]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize(
    ("count", "days", "tenants"),
    [
        (0, 5, 2),
        (1, 1, 1),
        (7, 60, 5),
        (999, 1, 50),
        (5_000, 3, 1),
        (5_001, 400, 9),
        (30_000, 2, 3),
        (20_000, 60, 50),
    ],
)
def test_exact_count(count: int, days: int, tenants: int) -> None:
    assert sum(1 for _ in sample.events(count, days, tenants, 3, END)) == count


@pytest.mark.parametrize("end", [date(2026, 11, 20), date(2024, 2, 29), date(2025, 1, 5)])
def test_ordered_by_receipt_and_within_the_window(end: date) -> None:
    lines = list(sample.events(20_000, 14, 3, 8, end))
    receipts = [line[-26:-2].decode() for line in lines]
    assert receipts == sorted(receipts)
    assert receipts[-1] <= f"{end}T23:59:59.999Z"
    times = [json.loads(line).get("timestamp", "") for line in lines]
    assert max(time for time in times if not time.startswith("2099"))[:10] == str(end)
    for line, time in zip(lines, times, strict=True):
        event = json.loads(line)
        if time and not time.startswith("2099"):
            assert time < event["sent_at"] < event["received_at"]


@pytest.mark.parametrize("arguments", [(-1, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 51)])
def test_arguments_out_of_range(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="50 tenants"):
        sample.events(*arguments, 1, END)


def peak_memory(count: int, days: int) -> int:
    tracemalloc.start()
    try:
        for _ in sample.events(count, days, 5, 1, END):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_length_of_the_stream() -> None:
    """The same people for four times as long: four times the events."""
    short, long = peak_memory(25_000, 30), peak_memory(100_000, 120)
    assert long < short * 1.25
