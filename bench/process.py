"""Run one step of a benchmark in a process of its own and say what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class StepError(RuntimeError):
    """A step ended with an error; the message holds the end of what it said."""


@dataclass(frozen=True)
class Usage:
    """Cost of a process and the children it waited for.

    `wall_seconds` and `cpu_seconds` (user and system) are seconds, `peak_bytes` is the largest
    resident set of any one of them. The kernel counts, so no peak between two samples is missed.
    The caller's own size is the least `peak_bytes` can be: keep the caller small.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Usage, str]:
    """Run a program to its end; its cost and its standard output.

    Raises StepError if it fails.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            list(arguments), cwd=ROOT, env=dict(environment), stdout=output, stderr=errors
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - started
        # Popen does not know that its process was waited for.
        process.returncode = os.waitstatus_to_exitcode(status)
        said = _text(output)
        if process.returncode != 0:
            told = (said + _text(errors))[-4000:]
            raise StepError(f"{' '.join(arguments[:4])}: status {process.returncode}\n{told}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit), said


def run_json(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Usage, Any]:
    """Run a program whose last line of output is JSON; its cost and that document."""
    usage, said = run(arguments, environment)
    return usage, json.loads(said.splitlines()[-1])


def _text(file: Any) -> str:
    file.seek(0)
    content: bytes = file.read()
    return content.decode(errors="replace")
