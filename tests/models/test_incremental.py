"""Whatever the batches, their order and replays: incremental ends in the rows of full."""

from random import Random

import pytest

from tests.models.compare import compare, compare_table, report
from tests.models.explain import explain
from tests.models.harness import Tables, Warehouse
from tests.models.play import Step, merged, play, prefix
from tests.models.settings import PER_BUILD, SEED, every_build, first_seed
from tests.models.worlds import as_of_date, cut, world

STEPS = 4
BOOKKEEPING = {"build_ledger"}


def history(rng: Random, first_seed: int, worlds: int) -> list[Step]:
    """Many worlds that arrive in the same number of batches, in any order and partly twice.

    The day as of which the models run moves forth and back; the last is the one of the worlds.
    """
    as_of = as_of_date(rng)
    days = [as_of if rng.random() < 0.5 else as_of_date(rng) for _ in range(STEPS - 1)] + [as_of]
    batches = [cut(world(first_seed + n, as_of, prefix(n)), rng, STEPS) for n in range(worlds)]
    return merged([[Step(*step) for step in zip(days, one, strict=True)] for one in batches])


@pytest.mark.parametrize("build", every_build())
def test_incremental_equals_full(warehouse: Warehouse, build: int) -> None:
    steps = history(Random(SEED + build), 10_000 + first_seed(build), PER_BUILD)
    for number, differences in enumerate(play(warehouse, steps, PER_BUILD), start=1):
        assert not differences, explain(warehouse, steps[:number], differences)
    incremental = comparable(warehouse.tables())
    warehouse.run(steps[-1].as_of, "--full-refresh")
    full = comparable(warehouse.tables())
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)
    warehouse.test(steps[-1].as_of)
    warehouse.run(steps[-1].as_of)
    again = compare(full, comparable(warehouse.tables()), sorted(full), every_column=True)
    assert not again, "a run without new rows changed something:\n" + report(again)


def comparable(tables: Tables) -> Tables:
    """What must not depend on how rows arrived: all but bookkeeping."""
    kept = {name: rows for name, rows in tables.items() if name not in BOOKKEEPING}
    for name in ("int_touched_days", "int_landing_hours"):  # a row for each build that saw it
        kept[name] = [dict(row) for row in {tuple(row.items()) for row in kept.get(name, [])}]
    return kept


@pytest.mark.parametrize(
    "pages",
    [
        ({"path": "/a"}, {"path": "/b"}),
        # Told apart by where a separator stands: one text if urls and paths were simply joined.
        ({"url": "u|v", "path": "w"}, {"url": "u", "path": "v|w"}),
    ],
    ids=["path", "separator"],
)
def test_copies_that_differ_in_context_alone(
    warehouse: Warehouse, pages: tuple[dict[str, str], dict[str, str]]
) -> None:
    """The whole row breaks the tie, so the copy that lands first does not win for that."""
    as_of = as_of_date(Random(SEED))
    rows = [row for row in world(SEED, as_of, prefix(0)) if row["event_name"] == "page.viewed"]
    twins = [row | {"context": {"page": page}} for row in rows for page in pages]
    found = []
    for order in (twins, twins[::-1]):
        steps = [Step(as_of, [row]) for row in order[:1]] + [Step(as_of, order[1:])]
        list(play(warehouse, steps, 1))
        found.append(warehouse.tables()["fct_events"])
    differences = compare_table("fct_events", found[0], found[1], every_column=False)
    assert not differences, report(differences)


def test_a_changed_catalogue_changes_history(warehouse: Warehouse) -> None:
    """What an event means is a product manager's to change; the next build says so of the past."""
    as_of = as_of_date(Random(SEED))
    list(play(warehouse, [Step(as_of, world(SEED, as_of, prefix(0)))], 1))
    before = comparable(warehouse.tables())["int_session_fragments"]
    with warehouse.connect() as connection:
        connection.execute(
            "update event_catalog set is_engagement = not is_engagement, is_anonymous = false"
        )
    warehouse.run(as_of)
    incremental = comparable(warehouse.tables())
    assert incremental["int_session_fragments"] != before
    warehouse.run(as_of, "--full-refresh")
    full = comparable(warehouse.tables())
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)


def test_a_build_killed_before_it_was_noted_is_done_again(warehouse: Warehouse) -> None:
    """Nothing is taken in twice, in bookkeeping either: a data test on it would stop all builds."""
    as_of = as_of_date(Random(SEED))
    list(play(warehouse, [Step(as_of, world(SEED, as_of, prefix(0)))], 1))
    with warehouse.connect() as connection:
        connection.execute("delete from build_ledger")
    warehouse.run(as_of)
    incremental = comparable(warehouse.tables())
    with warehouse.connect() as connection:
        landings = connection.execute(
            "select received_hour_at, _loaded_at from int_landing_hours"
        ).fetchall()
    assert len(landings) == len(set(landings))
    warehouse.run(as_of, "--full-refresh")
    full = comparable(warehouse.tables())
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)
