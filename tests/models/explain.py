"""Turns a difference into the smallest world that shows it, kept as a scenario."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.models.compare import Difference, Row, report
from tests.models.harness import BuildFailed, Warehouse
from tests.models.play import Step, merged, moved, play, prefix
from tests.models.shrink import shrink

SCENARIOS = Path(__file__).parent / "scenarios"
Item = tuple[int, Row]


def shrunk(
    warehouse: Warehouse, steps: Sequence[Step], difference: Difference, width: int = 24
) -> list[Step]:
    """The fewest rows of a world, in the same steps, after which the same column still differs."""

    def as_steps(items: Sequence[Item], number: int) -> list[Step]:
        return [
            Step(step.as_of, moved((row for at, row in items if at == index), number))
            for index, step in enumerate(steps)
        ]

    def fails(candidates: list[list[Item]]) -> list[bool]:
        worlds = [as_steps(items, number) for number, items in enumerate(candidates)]
        found: set[str] = set()
        for differences in play(warehouse, merged(worlds), len(worlds)):
            found |= {
                str(one.tenant).partition("_")[0] + "_"
                for one in differences
                if (one.table, one.column) == (difference.table, difference.column)
            }
        return [prefix(number) in found for number in range(len(worlds))]

    items = [(index, row) for index, step in enumerate(steps) for row in step.rows]
    return as_steps(shrink(items, fails, width), 0)


def world_of(steps: Sequence[Step], tenant: str) -> list[Step]:
    """The part of a build that belongs to the world of one tenant."""
    start = tenant.partition("_")[0] + "_"
    return [
        Step(step.as_of, [row for row in step.rows if (row["tenant_id"] or "").startswith(start)])
        for step in steps
    ]


def save(name: str, reading: str, steps: Sequence[Step]) -> Path:
    """Keep a counterexample, with the reading of docs/metrics.md that it shows broken."""
    path = SCENARIOS / f"{name}.json"
    content = {
        "reading": reading,
        "steps": [{"as_of": str(step.as_of), "rows": step.rows} for step in steps],
    }
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def load(path: Path) -> list[Step]:
    """The steps of a kept scenario."""
    content = json.loads(path.read_text())
    return [Step(date.fromisoformat(one["as_of"]), one["rows"]) for one in content["steps"]]


def explain(warehouse: Warehouse, steps: Sequence[Step], differences: list[Difference]) -> str:
    """All differences, and the smallest world that shows the first of them."""
    text = report(differences)
    first = next((one for one in differences if "_" in str(one.tenant)), None)
    if first is None:
        return text
    world = world_of(steps, str(first.tenant))
    try:
        world = shrunk(warehouse, world, first)
        again = [one for found in play(warehouse, world, 1) for one in found]
    except BuildFailed as failure:
        return f"{text}\n(not shrunk: {failure})"
    rows = [
        f"  as of {step.as_of}: {json.dumps({key: value for key, value in row.items() if value})}"
        for step in world
        for row in step.rows
    ]
    return "\n".join([text, "the smallest world that shows it:", *rows, report(again)])
