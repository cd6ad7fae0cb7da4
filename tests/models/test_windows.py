"""A product manager who changes a row of a seed changes the marts, at the next build."""

from random import Random

import pytest

from tests.judge import Seeds, marts
from tests.models.compare import GRAINS, compare, report
from tests.models.harness import Tables, Warehouse
from tests.models.play import Step, firms, play, prefix, project_seeds
from tests.models.settings import SEED
from tests.models.worlds import as_of_date, world

WORLDS = 8
AS_OF = as_of_date(Random(SEED))
ROWS = [row for n in range(WORLDS) for row in world(SEED + n, AS_OF, prefix(n))]
WINDOWS = {
    "wau": 5,
    "mau": 21,
    "engaged_session": 1000,
    "mature_exposure": 40,
    "adoption_matrix": 14,
    "role_usage": 14,
    "first_week": 3,
    "rfm": 60,
    "tier_engagement": 60,
}
ANOMALIES = {"baseline_days": 20, "judged_days": 3, "min_days": 8}


def changed(windows: dict[str, int], anomalies: dict[str, int]) -> Seeds:
    """The project's seeds with some numbers changed."""
    seeds = project_seeds() | {"tenants": firms(WORLDS)}
    rows = seeds["metric_windows"]
    return seeds | {
        "metric_windows": [
            row | {"window_length": str(windows.get(row["window_name"], row["window_length"]))}
            for row in rows
        ],
        "anomaly_thresholds": [
            seeds["anomaly_thresholds"][0] | {name: str(days) for name, days in anomalies.items()}
        ],
    }


@pytest.fixture(scope="module")
def expected() -> Tables:
    """The marts where every number is another."""
    return marts(ROWS, changed(WINDOWS, ANOMALIES), AS_OF)


def test_every_window_is_changed_here() -> None:
    assert set(WINDOWS) == {row["window_name"] for row in project_seeds()["metric_windows"]}


def test_the_next_build_reads_what_was_changed(warehouse: Warehouse, expected: Tables) -> None:
    assert not [one for found in play(warehouse, [Step(AS_OF, ROWS)], WORLDS) for one in found]
    with warehouse.connect() as connection:
        for name, length in WINDOWS.items():
            connection.execute(
                "update metric_windows set window_length = ? where window_name = ?", [length, name]
            )
        for name, days in ANOMALIES.items():
            connection.execute(f"update anomaly_thresholds set {name} = ?", [days])  # noqa: S608
    warehouse.run(AS_OF)
    differences = compare(expected, warehouse.tables(), GRAINS)
    assert not differences, report(differences)


@pytest.mark.parametrize("name", sorted(WINDOWS | ANOMALIES))
def test_each_of_them_makes_a_difference(expected: Tables, name: str) -> None:
    """Or the comparison above would not see that a model has a number of its own."""
    windows = {key: length for key, length in WINDOWS.items() if key != name}
    anomalies = {key: days for key, days in ANOMALIES.items() if key != name}
    assert compare(expected, marts(ROWS, changed(windows, anomalies), AS_OF), GRAINS)
