"""The input: sample events in a landing log, cut by date of receipt, through the real loader.

Run as a module it writes the parts; the benchmark puts them into a data folder when they are due.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path
from random import Random

from bench.process import ROOT
from bioqms import sample

LOADERS = 2
LATE_SHARE = 0.01
LATE_DAYS = 60
_LINES_A_WRITE = 500
_RECEIVED = b'"received_at":"'


@dataclass(frozen=True)
class World:
    """A sample world: about `events` events on `days` days of receipt, and two days more.

    The plain day comes as it is. On the late day one event in a hundred happened up to 60 days
    earlier than it was received. `end` is that day.
    """

    events: int
    days: int
    tenants: int
    seed: int
    end: dt.date

    @property
    def base_end(self) -> dt.date:
        """Last day of the history."""
        return self.end - dt.timedelta(days=2)

    @property
    def plain_day(self) -> dt.date:
        """The day after the history."""
        return self.end - dt.timedelta(days=1)

    @property
    def middle_day(self) -> dt.date | None:
        """A day about half-way through, of the plain day's weekday; none in a short world."""
        weeks = round(self.days / 14)
        return self.plain_day - dt.timedelta(weeks=weeks) if self.days >= 14 else None

    def part(self, received: dt.date) -> str:
        """The part of the log to which a day of receipt belongs."""
        if received >= self.end:
            return "late"
        if received == self.plain_day:
            return "plain"
        if self.middle_day is None or received < self.middle_day:
            return "early"
        return "middle" if received == self.middle_day else "rest"

    @property
    def name(self) -> str:
        """A name for its folder."""
        return f"{self.events}-{self.days}-{self.tenants}-{self.seed}-{self.end}"


def lines(world: World) -> Iterator[tuple[str, bytes]]:
    """Each event in order of receipt, with the part it belongs to."""
    rng = Random(world.seed)
    total = round(world.events * (world.days + 2) / world.days)
    reach = min(LATE_DAYS, world.days) * 86_400
    part, day = "early", b""
    for line in sample.events(total, world.days + 2, world.tenants, world.seed, world.end):
        at = line.rfind(_RECEIVED) + len(_RECEIVED)
        if line[at : at + 10] != day:
            day = line[at : at + 10]
            part = world.part(dt.date.fromisoformat(day.decode()))
        if part == "late" and rng.random() < LATE_SHARE:
            yield part, _earlier(line, rng.uniform(0, reach))
        else:
            yield part, line


def _earlier(line: bytes, seconds: float) -> bytes:
    """The event as if it had happened earlier; one without a readable time stays as it is."""
    event = json.loads(line)
    try:
        happened = dt.datetime.fromisoformat(event["timestamp"])
    except (KeyError, TypeError, ValueError):
        return line
    event["timestamp"] = (happened - dt.timedelta(seconds=seconds)).isoformat()
    return json.dumps(event, separators=(",", ":")).encode()


def write(world: World, folder: Path) -> dict[str, int]:
    """Load the world into one landing log a part, below `folder`; lines written by part."""
    written: dict[str, int] = {}
    loaders: list[subprocess.Popen[bytes]] = []
    stream = lines(world)
    turn, current = 0, ""
    while chunk := list(islice(stream, _LINES_A_WRITE)):
        for part in dict.fromkeys(part for part, _ in chunk):
            own = [line for name, line in chunk if name == part]
            if part != current:
                _finish(loaders)
                loaders, current = [], part
            # One that is given nothing would fail: it is started when there is something for it.
            if len(loaders) < LOADERS:
                loaders.append(_start(folder / part))
            pipe = loaders[turn % len(loaders)].stdin
            assert pipe  # noqa: S101 - a pipe was asked for
            pipe.write(b"\n".join(own) + b"\n")
            written[part] = written.get(part, 0) + len(own)
        turn += 1
    _finish(loaders)
    return written


def _start(data: Path) -> subprocess.Popen[bytes]:
    # One key for all, so that a pseudonym is the same in every part.
    environment = os.environ | {"BIOQMS_PSEUDONYM_KEY": "benchmark-of-the-models"}
    command = [sys.executable, "-m", "bioqms", "load", "--data", str(data), "-"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )


def _finish(loaders: Iterable[subprocess.Popen[bytes]]) -> None:
    for loader in loaders:
        assert loader.stdin  # noqa: S101 - a pipe was asked for
        loader.stdin.close()
    for loader in loaders:
        if loader.wait() != 0:
            raise RuntimeError("bioqms load failed")


def parts(folder: Path) -> dict[str, int]:
    """Lines written by part."""
    found: dict[str, int] = json.loads((folder / "written.json").read_text())
    return found


def land(folder: Path, part: str, data: Path) -> None:
    """Put a part's sealed segments into the log of a data folder, as links: they never change."""
    log = folder / part / "log"
    for segment in sorted(log.rglob("*.jsonl")):
        place = data / "log" / segment.relative_to(log)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(segment)


def as_json(world: World) -> str:
    """The world as one argument of a command."""
    return json.dumps(asdict(world), default=str)


def from_json(text: str) -> World:
    """Undo `as_json`."""
    values = json.loads(text)
    values["end"] = dt.date.fromisoformat(values["end"])
    return World(**{field.name: values[field.name] for field in fields(World)})


def main() -> None:
    """Write the world of the first argument into the folder of the second."""
    world, folder = from_json(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = write(world, folder)
    (folder / "written.json").write_text(json.dumps(written))
    print(json.dumps(written))


if __name__ == "__main__":
    main()
