"""Print the results of a benchmark of the models, and compare them with the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

FULL_BUILD_FLOORS = 6
PLAIN_DAY_SHARE = 0.05
ROLLING_ACTIVES_TIMES = 5
SESSIONS_TIMES = 3
MEMORY_BYTES = 8 * 1024**3
MEMORY_GROWTH = 1.15
"""An increment on twice the history may take so much more memory: the noise of two runs."""
_COSTLY_MODELS = 30
REPORT_WIDTH = 120
_MEBIBYTE = 1024**2

_PARTINGS = {
    "sessions_core": "chdb's short form does not cut where the user changes",
}


@dataclass(frozen=True)
class Verdict:
    """A bound beside what was measured."""

    bound: str
    measured: str
    is_met: bool


def verdicts(document: dict[str, Any]) -> list[Verdict]:
    """Judge what was measured; a bound whose step was left out is not there."""
    builds, start_up = document["builds"], document["start_up"]
    full = builds["full build"]["process"]["wall_seconds"]
    day = builds["plain day"]["process"]["wall_seconds"]
    floor = document["floor"]["seconds"]
    allowed = PLAIN_DAY_SHARE * full + start_up["wall_seconds"]
    found = [
        Verdict(
            f"full build within {FULL_BUILD_FLOORS}x of the floor ({floor:.1f} s)",
            f"{full:.1f} s = {full / floor:.1f}x",
            full <= FULL_BUILD_FLOORS * floor,
        ),
        Verdict(
            f"plain day within {PLAIN_DAY_SHARE:.0%} of the full build and dbt's start-up"
            f" ({allowed:.1f} s)",
            f"{day:.1f} s = start-up and {(day - start_up['wall_seconds']) / full:.1%}",
            day <= allowed,
        ),
    ]
    if "peer" in document:
        chdb, ours = document["peer"]["chdb"]["queries"], document["peer"]["ours"]
        times = chdb["rolling_actives"]["median"] / ours["rolling_actives"]["median"]
        share = ours["sessions"]["median"] / chdb["sessions"]["median"]
        found += [
            Verdict(
                f"rolling actives at least {ROLLING_ACTIVES_TIMES}x faster than chdb",
                f"{times:.1f}x",
                times >= ROLLING_ACTIVES_TIMES,
            ),
            Verdict(
                f"sessions within {SESSIONS_TIMES}x of chdb writing the same table",
                f"{share:.1f}x",
                share <= SESSIONS_TIMES,
            ),
        ]
    peak = max(one["process"]["peak_bytes"] for one in builds.values())
    found.append(
        Verdict("memory under 8 GiB", f"{peak / 1024**3:.2f} GiB at most", peak < MEMORY_BYTES)
    )
    if "plain day on half the history" in builds:
        half = builds["plain day on half the history"]["process"]["peak_bytes"]
        whole = builds["plain day"]["process"]["peak_bytes"]
        found.append(
            Verdict(
                f"a day's memory does not grow with history (up to {MEMORY_GROWTH - 1:.0%})",
                f"{whole / half - 1:+.0%} on twice the history",
                whole <= MEMORY_GROWTH * half,
            )
        )
    return found


def show(document: dict[str, Any]) -> None:
    """Print everything as tables."""
    console = Console(width=REPORT_WIDTH)
    world = document["world"]
    console.print(
        f"\n{world['events']:,} events on {world['days']} days of {world['tenants']} tenants;"
        f" {document['cores']} cores, DuckDB limited to {document['memory_limit']};"
        " seeds, models and snapshots, no tests"
    )
    _builds(console, document)
    _models(console, document)
    _beside(console, document)
    if "peer" in document:
        _peer(console, document["peer"])
    table = _table("limits", "limit", "measured", "verdict")
    for verdict in verdicts(document):
        table.add_row(verdict.bound, verdict.measured, "met" if verdict.is_met else "MISSED")
    console.print(table)


def _builds(console: Console, document: dict[str, Any]) -> None:
    table = _table("builds", "phase", "wall s", "CPU s", "in models s", "peak MiB", "events landed")
    landed = document["input"]
    early, middle = landed.get("early", 0), landed.get("middle", 0)
    events = {
        "full build, half the history": early,
        "plain day on half the history": middle,
        "an empty log": 0,
        "full build": early + middle + landed.get("rest", 0),
        "nothing new": 0,
        "plain day": landed.get("plain", 0),
        "late day": landed.get("late", 0),
    }
    rows = {name: (one["process"], one["node_seconds"]) for name, one in document["builds"].items()}
    for name, (process, in_models) in rows.items():
        table.add_row(
            name,
            f"{process['wall_seconds']:.1f}",
            f"{process['cpu_seconds']:.1f}",
            f"{in_models:.1f}",
            _mebibytes(process["peak_bytes"]),
            f"{events[name]:,}",
        )
    start = document["start_up"]
    table.add_row(
        "dbt's start-up (median)",
        f"{start['wall_seconds']:.1f}",
        f"{start['cpu_seconds']:.1f}",
        "",
        _mebibytes(start["peak_bytes"]),
        "",
    )
    console.print(table)


def _models(console: Console, document: dict[str, Any]) -> None:
    phases = ("full build", "nothing new", "plain day", "late day")
    seconds = {
        phase: {node["name"]: node["seconds"] for node in document["builds"][phase]["nodes"]}
        for phase in phases
    }
    rows = {node["name"]: node["rows"] for node in document["builds"]["late day"]["nodes"]}
    costly = sorted(seconds["full build"], key=lambda name: -max(s[name] for s in seconds.values()))
    table = _table(
        f"models: seconds, the {_COSTLY_MODELS} dearest (all are in models.json)",
        "model",
        *phases,
        "rows",
    )
    for name in costly[:_COSTLY_MODELS]:
        count = "view" if rows[name] is None else f"{rows[name]:,}"
        table.add_row(name, *(f"{seconds[phase][name]:.2f}" for phase in phases), count)
    console.print(table)


def _beside(console: Console, document: dict[str, Any]) -> None:
    floor = document["floor"]
    table = _table("beside (median seconds)", "what", "s", "rows")
    read, written = _middle(floor["scan_seconds"]), _middle(floor["write_seconds"])
    table.add_row("floor: read every column of the log", f"{read:.2f}", "")
    table.add_row(
        f"floor: write int_events and {floor['tables'] - 1} marts,"
        f" {_mebibytes(floor['written_bytes'])} MiB",
        f"{written:.2f}",
        "",
    )
    for name, result in document["specification"]["queries"].items():
        label = f"specification: {name.replace('_', ' ')}"
        table.add_row(label, f"{result['median']:.2f}", f"{result['rows']:,}")
    console.print(table)


def _peer(console: Console, peer: dict[str, Any]) -> None:
    chdb, ours = peer["chdb"]["queries"], peer["ours"]
    table = _table(
        f"chdb {peer['chdb']['version']} beside our models (median seconds)",
        "table",
        "ours",
        "chdb",
        "ours, CPU",
        "chdb, CPU",
        "rows",
        "numbers",
    )
    for name, task, label in (
        ("sessions", "sessions", "sessions, every column of fct_sessions"),
        ("sessions_core", "sessions", "sessions, six columns in chdb, only by silence"),
        (
            "rolling_actives",
            "rolling_actives",
            f"rolling actives, {peer['exported']['rows']['person_days']:,} person-days",
        ),
        ("rolling_actives_plain", "rolling_actives", "the same, chdb without bitmaps"),
        ("rolling_actives_numbered", "rolling_actives", "the same, people numbered beforehand"),
        (
            "monthly_retention",
            "monthly_retention",
            "retention: chdb by month, ours of all cohorts and weeks too",
        ),
    ):
        compared = peer["comparison"][name]
        table.add_row(
            label,
            f"{ours[task]['median']:.2f}",
            f"{chdb[name]['median']:.2f}",
            f"{ours[task]['cpu_seconds']:.2f}",
            f"{chdb[name]['cpu_seconds']:.2f}",
            f"{compared['peer_rows']:,}",
            _agreement(name, compared, peer),
        )
    for task, result in ours.items():
        for step, timed in result["steps"].items():
            if len(result["steps"]) > 1:
                cpu = f"{timed['cpu_seconds']:.2f}"
                table.add_row(f"  of {task}: {step}", f"{timed['median']:.2f}", "", cpu)
    table.add_row("loading the files", "", f"{chdb['load']['median']:.2f}")
    console.print(table)


def _agreement(name: str, compared: dict[str, int], peer: dict[str, Any]) -> str:
    copies = peer["exported"]["copies_of_people"]
    if compared["only_ours"] == compared["only_peers"] == 0:
        return "equal" if copies == 1 or "rolling" not in name else f"equal, people x{copies}"
    parting = _PARTINGS.get(name, "DIFFERENT, unexpectedly")
    return f"{compared['only_ours']:,} / {compared['only_peers']:,} differ: {parting}"


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for other in others:
        table.add_column(
            other, justify="left" if other in ("numbers", "measured", "verdict") else "right"
        )
    return table


def _mebibytes(size: float) -> str:
    return f"{size / _MEBIBYTE:,.0f}"


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
