"""Every mart of every random world equals docs/metrics.md in plain Python."""

from collections import defaultdict
from datetime import date
from random import Random

import pytest

from tests.models.compare import report
from tests.models.explain import SCENARIOS, explain, load
from tests.models.harness import Warehouse
from tests.models.play import Step, as_world, merged, play, prefix
from tests.models.settings import PER_BUILD, SEED, every_build, first_seed
from tests.models.worlds import as_of_date, world


@pytest.mark.parametrize("build", every_build())
def test_every_mart_equals_the_judge(warehouse: Warehouse, build: int) -> None:
    as_of = as_of_date(Random(SEED + build))
    seeds = range(first_seed(build), first_seed(build) + PER_BUILD)
    rows = [row for n, seed in enumerate(seeds) for row in world(seed, as_of, prefix(n))]
    steps = [Step(as_of, rows)]
    differences = [one for found in play(warehouse, steps, PER_BUILD) for one in found]
    assert not differences, explain(warehouse, steps, differences)


def scenarios() -> dict[tuple[date, ...], list[str]]:
    """Kept scenarios by the days of their steps: those that agree share a build."""
    groups: dict[tuple[date, ...], list[str]] = defaultdict(list)
    for path in sorted(SCENARIOS.glob("*.json")):
        groups[tuple(step.as_of for step in load(path))].append(path.stem)
    return groups


@pytest.mark.parametrize("names", scenarios().values(), ids="+".join)
def test_kept_scenarios_equal_the_judge(warehouse: Warehouse, names: list[str]) -> None:
    worlds = [load(SCENARIOS / f"{name}.json") for name in names]
    steps = merged([as_world(world, number) for number, world in enumerate(worlds)])
    differences = [one for found in play(warehouse, steps, len(names)) for one in found]
    legend = "".join(f"{prefix(number)} is {name}\n" for number, name in enumerate(names))
    assert not differences, legend + report(differences)
    warehouse.test(steps[-1].as_of)


def test_an_empty_log_builds_every_mart(warehouse: Warehouse) -> None:
    steps = [Step(as_of_date(Random(SEED)), [])]
    assert not [one for found in play(warehouse, steps, 1) for one in found]


def test_worlds_in_one_build_do_not_mix(warehouse: Warehouse) -> None:
    as_of = as_of_date(Random(SEED))
    one = [Step(as_of, world(SEED, as_of, prefix(0)))]
    both = merged([one, as_world(one, 1)])
    assert not [difference for found in play(warehouse, both, 2) for difference in found]
