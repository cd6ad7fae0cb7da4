"""Plays worlds through dbt and holds every mart against the judge."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from tests.judge import Seeds, load_seeds, marts
from tests.models.compare import GRAINS, Difference, Row, compare
from tests.models.harness import PROJECT, Warehouse

Batch = list[Row]
# A world's tenants end in a, b and c: c is not in the firmographics.
FIRMS = (
    {"tenant_id": "a", "industry": "pharma", "company_size": "enterprise", "region": "EU"},
    {"tenant_id": "b", "industry": "devices", "company_size": "small", "region": "US"},
)


@dataclass
class Step:
    """Rows that land together, and the day as of which the models run then."""

    as_of: date
    rows: Batch


@cache
def project_seeds() -> Seeds:
    """The seeds of the project."""
    return load_seeds(PROJECT / "seeds")


def prefix(number: int) -> str:
    """What the tenants of one world of a build begin with."""
    return f"w{number:02d}_"


def firms(worlds: int) -> list[dict[str, str]]:
    """Firmographics of the tenants of all worlds of a build."""
    return [
        firm | {"tenant_id": prefix(number) + firm["tenant_id"], "tenant_name": "A tenant"}
        for number in range(worlds)
        for firm in FIRMS
    ]


def moved(rows: Iterable[Row], number: int) -> Batch:
    """The same rows as another world of a build."""
    return [
        row | {"tenant_id": prefix(number) + row["tenant_id"].split("_", 1)[1]}
        if row.get("tenant_id")
        else row
        for row in rows
    ]


def as_world(steps: Iterable[Step], number: int) -> list[Step]:
    """The same steps as another world of a build."""
    return [Step(step.as_of, moved(step.rows, number)) for step in steps]


def merged(worlds: Sequence[Sequence[Step]]) -> list[Step]:
    """Worlds that take the same number of steps, as one; the first one's days count."""
    return [
        Step(steps[0].as_of, [row for step in steps for row in step.rows])
        for steps in zip(*worlds, strict=True)
    ]


def play(warehouse: Warehouse, steps: Iterable[Step], worlds: int) -> Iterator[list[Difference]]:
    """After each incremental run: what differs from the judge on all that has landed."""
    warehouse.wipe()
    warehouse.seed(firms(worlds))
    seeds = project_seeds() | {"tenants": firms(worlds)}
    landed: Batch = []
    for step in steps:
        warehouse.land(step.rows)
        landed += step.rows
        warehouse.run(step.as_of)
        expected = marts(landed, seeds, step.as_of)
        yield compare(expected, warehouse.tables(), GRAINS)
