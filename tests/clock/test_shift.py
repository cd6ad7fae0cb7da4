"""The shifted clock is shifted, and waits as long as the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.clock.shift import DAY_SECONDS, environment

# What a process sees and how long its waits take, in seconds; those on condition variables and
# semaphores with the time-out on the wall clock go straight to the C library.
PROGRAM = """
import ctypes, datetime, json, subprocess, sys, threading, time
libc = ctypes.CDLL(None)
class Timespec(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("nsec", ctypes.c_long)]
def soon():
    at = time.time() + 0.3
    return ctypes.byref(Timespec(int(at), int(at % 1 * 1e9)))
def took(wait):
    start = time.monotonic()
    answer = wait()
    return time.monotonic() - start, answer
cond, mutex, semaphore = (ctypes.create_string_buffer(64) for _ in range(3))
libc.sem_init(semaphore, 0, 0)
libc.pthread_mutex_lock(mutex)
waits = {
    "sleep": lambda: time.sleep(0.3),
    "event": lambda: threading.Event().wait(0.3),
    "lock": lambda: (lock := threading.Lock()).acquire() and lock.acquire(timeout=0.3),
    "condition": lambda: libc.pthread_cond_timedwait(cond, mutex, soon()),
    "semaphore": lambda: libc.sem_timedwait(semaphore, soon()),
    "mutex": lambda: libc.pthread_mutex_timedlock(mutex, soon()),
    "until": lambda: libc.clock_nanosleep(0, 1, soon(), None),
}
command = [sys.executable, "-c", "import time; print(time.time())"]
child = subprocess.run(command, capture_output=True, check=True)
libc.time.restype = ctypes.c_long
timeval = Timespec()
libc.gettimeofday(ctypes.byref(timeval), None)
seen = {
    "time": time.time(), "coarse": time.clock_gettime(5),
    "libc": libc.time(None), "timeval": timeval.sec,
    "date": datetime.datetime.now(datetime.UTC).timestamp(), "child": float(child.stdout),
}
print(json.dumps({"seen": seen, "waits": {name: took(wait) for name, wait in waits.items()}}))
"""


@pytest.mark.parametrize("days", [0, 1, 400, -3])
def test_a_process_sees_another_day_and_waits_as_ever(shifted_clock: Path, days: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | environment(shifted_clock, days),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    report = json.loads(done.stdout)
    for name, moment in report["seen"].items():
        assert abs(moment - time.time() - days * DAY_SECONDS) < 60, name
    timed_out = {"condition": 110, "mutex": 110, "semaphore": -1, "until": 0}
    for name, (seconds, answer) in report["waits"].items():
        assert 0.25 < seconds < 30, (name, seconds)
        assert answer == timed_out.get(name, answer), name
