"""Every mart of every random world equals METRICS.md in plain Python."""

import os
from random import Random

import pytest

from tests.models.compare import report
from tests.models.explain import SCENARIOS, explain, load
from tests.models.harness import Warehouse
from tests.models.judge import Step, merged, moved, play, prefix
from tests.models.worlds import as_of_date, world

WORLDS = int(os.environ.get("BIOQMS_WORLDS", "40"))
SEED = int(os.environ.get("BIOQMS_SEED", "0"))
PER_BUILD = 20


@pytest.mark.parametrize("build", range(-(-WORLDS // PER_BUILD)))
def test_every_mart_equals_the_reference(warehouse: Warehouse, build: int) -> None:
    as_of = as_of_date(Random(SEED + build))
    seeds = range(SEED + build * PER_BUILD, SEED + min((build + 1) * PER_BUILD, WORLDS))
    rows = [row for n, seed in enumerate(seeds) for row in world(seed, as_of, prefix(n))]
    steps = [Step(as_of, rows)]
    differences = [one for found in play(warehouse, steps, len(seeds)) for one in found]
    assert not differences, explain(warehouse, steps, differences)


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.json")))
def test_kept_scenarios_equal_the_reference(warehouse: Warehouse, name: str) -> None:
    steps = load(SCENARIOS / f"{name}.json")
    differences = [one for found in play(warehouse, steps, 1) for one in found]
    assert not differences, report(differences)


def test_an_empty_log_builds_every_mart(warehouse: Warehouse) -> None:
    steps = [Step(as_of_date(Random(SEED)), [])]
    assert not [one for found in play(warehouse, steps, 1) for one in found]


def test_worlds_in_one_build_do_not_mix(warehouse: Warehouse) -> None:
    as_of = as_of_date(Random(SEED))
    one = [Step(as_of, world(SEED, as_of, prefix(0)))]
    twin = [Step(as_of, moved(one[0].rows, 1))]
    both = merged([one, twin])
    assert not [difference for found in play(warehouse, both, 2) for difference in found]
