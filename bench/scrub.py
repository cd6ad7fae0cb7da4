"""How much personal data is found, how much is taken for it wrongly, and what that costs an event.

    python -m bench.scrub

Recall by kind and locale, false hits by kind, on made-up data (`tests/ingest/steps/scrub`) of one
seed; then instructions an event, counted by valgrind, beside those of reading its JSON.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from bench.process import ROOT
from bench.report import REPORT_WIDTH
from bioqms import sample
from ingest.steps.scrub import DEFAULT_COUNTRIES, Policy, Scrubber, scrub_text
from tests.ingest.steps.scrub.personal_data import (
    ID_COUNTRIES,
    LOCALES,
    LOOK_ALIKES,
    look_alikes,
    personal,
)

KINDS = {"email": "e-mail", "phone": "phone", "card": "card", "iban": "IBAN", "id": "national id"}
_EVENTS = 1000
_COLLECTED = re.compile(r"Collected : ([0-9]+)")


@click.command()
@click.option("--seed", default=1, show_default=True, help="Of the made-up data.")
@click.option("--count", default=1000, show_default=True, help="Samples of a kind and a locale.")
@click.option(
    "--misses", default=3, show_default=True, help="Examples of each miss that are shown."
)
@click.option(
    "--cost/--no-cost", default=True, help="Count instructions (needs valgrind; a minute)."
)
@click.option("--worker", hidden=True, help="One run of what is counted.")
@click.option("--rounds", default=1, hidden=True)
def main(seed: int, count: int, misses: int, cost: bool, worker: str | None, rounds: int) -> None:
    """Print recall, false hits and the cost of an event."""
    if worker:
        _WORK[worker](rounds)
        return
    console = Console(width=REPORT_WIDTH)
    console.print(*_recall(seed, count, misses))
    console.print(*_false_hits(seed, misses))
    if cost and shutil.which("valgrind"):
        console.print(_costs())
    elif cost:
        console.print("no valgrind: instructions are not counted")


def _recall(seed: int, count: int, misses: int) -> tuple[Table, str]:
    table = Table("locale", *KINDS.values(), title=f"Found, % of {count} (seed {seed})")
    missed: dict[str, list[str]] = {}
    for locale in LOCALES:
        shares = []
        for kind, kind_name in KINDS.items():
            if kind == "id" and locale not in ID_COUNTRIES:
                shares.append("")
                continue
            policy = Policy(DEFAULT_COUNTRIES | {ID_COUNTRIES.get(locale, "US")})
            kept = [
                sample.secret
                for sample in personal(kind, locale, seed, count)
                if sample.is_kept(scrub_text(sample.text, policy))
            ]
            shares.append(f"{100 * (1 - len(kept) / count):.1f}")
            if kept:
                missed[f"{locale} {kind_name}"] = kept
        table.add_row(locale, *shares)
    return table, _examples("missed", missed, misses)


def _false_hits(seed: int, misses: int) -> tuple[Table, str]:
    count = 4000
    table = Table("kind", "hit, %", title=f"Taken for personal data, of {count}")
    hit: dict[str, list[str]] = {}
    for kind in LOOK_ALIKES:
        texts = [text for text in look_alikes(kind, seed, count) if scrub_text(text) != text]
        table.add_row(kind, f"{100 * len(texts) / count:.2f}")
        if texts:
            hit[kind] = texts
    return table, _examples("hit", hit, misses)


def _examples(what: str, found: dict[str, list[str]], count: int) -> str:
    return "\n".join(
        f"{what}, {kind}: {'; '.join(map(repr, texts[:count]))}" for kind, texts in found.items()
    )


def _events(change: Callable[[dict[str, Any]], None] = lambda _: None) -> list[bytes]:
    lines = islice(sample.events(4 * _EVENTS, 7, 5, end=date(2026, 10, 31)), _EVENTS)
    events = [json.loads(line) for line in lines]
    for event in events:
        change(event)
    return [orjson.dumps(event) for event in events]


def _with_query(event: dict[str, Any]) -> None:
    page = event.setdefault("context", {}).setdefault("page", {})
    page["url"] = f"https://app.test{page.get('path', '/')}?tab=notes&page=2&sort=-created"


def _with_person(event: dict[str, Any]) -> None:
    event.setdefault("properties", {})["note"] = "ask bob@x.test or +49 30 901820, IBAN unknown"


def _read(events: list[bytes]) -> None:
    for compact in events:
        orjson.loads(compact)


def _scrub(events: list[bytes]) -> None:
    scrubber = Scrubber(b"a key of this benchmark")
    for compact in events:
        scrubber.scrub(orjson.loads(compact), compact, "acme")


_MADE: dict[str, Callable[[], list[bytes]]] = {
    "sample events": _events,
    "with a query in the URL": lambda: _events(_with_query),
    "with an address and a phone": lambda: _events(_with_person),
}


def _rounds(made: str, step: Callable[[list[bytes]], None]) -> Callable[[int], None]:
    def run(rounds: int) -> None:
        events = _MADE[made]()
        for _ in range(rounds):
            step(events)

    return run


_WORK = {
    f"{name}/{step.__name__}": _rounds(name, step) for name in _MADE for step in (_read, _scrub)
}


def _costs() -> Table:
    table = Table(
        "event", "JSON", "scrub", "scrub / JSON", title="Instructions an event, thousands"
    )
    for name in _MADE:
        read = _instructions(f"{name}/_read")
        scrub = _instructions(f"{name}/_scrub") - read
        table.add_row(name, f"{read / 1000:.0f}", f"{scrub / 1000:.0f}", f"{scrub / read:.1f}")
    return table


def _instructions(worker: str) -> float:
    """Instructions an event: two runs more, less the start and the first, which fills caches."""
    one, three = (_counted(worker, rounds) for rounds in (1, 3))
    return (three - one) / (2 * _EVENTS)


def _counted(worker: str, rounds: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    command += ["-m", "bench.scrub", "--worker", worker, "--rounds", str(rounds)]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = _COLLECTED.search(done.stderr)
    if found is None:
        raise click.ClickException(f"valgrind counted nothing: {done.stderr[-300:]}")
    return int(found[1])


if __name__ == "__main__":
    main()
