"""What a dbt run of some rows or some models did not take, the next one takes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from dbt.artifacts.resources.types import BatchSize
from dbt.cli.main import build, run

from tests.models.compare import compare, report
from tests.models.harness import Warehouse
from tests.models.play import prefix
from tests.models.settings import SEED
from tests.models.test_incremental import comparable
from tests.models.worlds import as_of_date, world

AS_OF = as_of_date(Random(SEED))
WORLDS = 3
# Without these --sample has nothing to go by; a project that installs this one may configure them.
EVENT_TIMES = {
    "stg_events": "received_at",
    "int_event_copies": "received_at",
    "int_events": "timestamp",
    "int_touched_days": "event_date",
}

NO_ROW = "{'start': '2001-01-01', 'end': '2001-01-02'}"
SOME_ROWS = f"{{'start': '2001-01-01', 'end': '{AS_OF.replace(day=1)}'}}"
# The models that keep their rows; all others are rebuilt from these.
ALL = ["--select", "config.materialized:incremental"]
SOME = ["int_session_fragments", "int_event_minutes", "int_receipt_hours", "int_events"]
REBUILT = ["--exclude", "stg_events", "--full-refresh"]
BEHIND = ["int_event_copies", "int_touched_days"]
PARTIAL: dict[str, list[str]] = {
    "empty": [*ALL, "--empty"],
    "empty, rebuilt": [*ALL, *REBUILT, "--empty"],
    "sample of nothing": [*ALL, "--sample", NO_ROW],
    "sample of some": [*ALL, "--sample", SOME_ROWS],
    "sample, rebuilt": [*ALL, *REBUILT, "--sample", SOME_ROWS],
    "select": ["--select", *SOME],
    "exclude": [*ALL, "--exclude", *BEHIND],
    "defer, favor_state": ["--select", *SOME, "--defer", "--favor-state", "--state", "STATE"],
}
"""Runs that do not read all rows, by dbt's name of the option."""

# What the other options of `dbt run` and `dbt build` do has no part in which rows a model gets.
HARMLESS = {
    *("cache_selected_only", "debug", "defer_state", "deprecated_defer", "deprecated_print"),
    *(
        "deprecated_state",
        "export_saved_queries",
        "fail_fast",
        "full_refresh",
        "include_saved_query",
    ),
    *(
        "indirect_selection",
        "log_cache_events",
        "log_file_max_bytes",
        "log_format",
        "log_format_file",
    ),
    *("log_level", "log_level_file", "log_path", "macro_debugging", "partial_parse"),
    *("partial_parse_file_diff", "partial_parse_file_path", "populate_cache", "print"),
    *("printer_width", "profile", "profiles_dir", "project_dir", "quiet", "record_timing_info"),
    *("send_anonymous_usage_stats", "show", "show_all_deprecations", "single_threaded", "sqlparse"),
    *("state", "static_parser", "store_failures", "target", "target_path", "threads"),
    *("upload_to_artifacts_ingest_api", "use_colors", "use_colors_file"),
    *("use_experimental_parser", "use_fast_test_edges", "vars", "version", "version_check"),
    *("warn_error", "warn_error_options", "write_json"),
}
# Others that say which models are built, as --select does; and an older name of --favor-state.
SELECTS = {"selector", "resource_types", "exclude_resource_types", "deprecated_favor_state"}
MICROBATCH = {"event_time_start", "event_time_end"}


def test_every_option_of_dbt_is_known() -> None:
    """A new dbt that has an option more fails here: see what it does to rows, then name it."""
    options = {option.name for command in (run, build) for option in command.params}
    tested = {name.split(",")[0].split(" ")[0] for name in PARTIAL} | {"favor_state"}
    assert options == tested | MICROBATCH | SELECTS | HARMLESS


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One whose models have event times, as far as a sample needs them."""
    warehouse = Warehouse(tmp_path_factory.mktemp("partial"))
    nodes = node_configs(warehouse)
    for name, column in EVENT_TIMES.items():
        nodes[name].event_time = column
    (source,) = warehouse.dbt.manifest.sources.values()
    source.config.event_time = "received_at"
    return warehouse


def node_configs(warehouse: Warehouse) -> dict[str, Any]:
    """The configurations of models by name, as dbt will read them."""
    manifest: Any = warehouse.dbt.manifest
    return {node.name: node.config for node in manifest.nodes.values()}


def half_built(warehouse: Warehouse) -> None:
    """All is built of the first half of the events; of the second half, staging only."""
    rows = [row for number in range(WORLDS) for row in world(SEED + number, AS_OF, prefix(number))]
    Random(SEED).shuffle(rows)
    warehouse.wipe()
    warehouse.invoke("seed", "--select", "event_catalog")
    warehouse.land(rows[::2])
    warehouse.run(AS_OF, *ALL)
    warehouse.land(rows[1::2])
    warehouse.run(AS_OF, "--select", "stg_events")


def assert_next_build_is_whole(warehouse: Warehouse) -> None:
    """An incremental run now ends in what a full refresh gives."""
    warehouse.run(AS_OF, *ALL)
    incremental = comparable(warehouse.tables())
    warehouse.run(AS_OF, *ALL, "--full-refresh")
    full = comparable(warehouse.tables())
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)


@pytest.mark.parametrize("name", PARTIAL)
def test_a_partial_run_loses_nothing(warehouse: Warehouse, tmp_path: Path, name: str) -> None:
    half_built(warehouse)
    with another_warehouse(warehouse, tmp_path):
        options = [str(tmp_path) if option == "STATE" else option for option in PARTIAL[name]]
        warehouse.run(AS_OF, *options)
    assert_next_build_is_whole(warehouse)


@pytest.mark.parametrize("sample", [NO_ROW, SOME_ROWS])
def test_what_landed_together_is_taken_together(warehouse: Warehouse, sample: str) -> None:
    """A sample takes a part of a segment; that it was taken must not be said of the rest."""
    half_built(warehouse)
    warehouse.land(world(SEED + WORLDS, AS_OF, prefix(WORLDS)))
    warehouse.run(AS_OF, *ALL, "--sample", sample)
    assert_next_build_is_whole(warehouse)


def test_batches_of_a_range_lose_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--event-time-start and --event-time-end say which batches of a microbatch model are run.

    No model is one; a project that installs this one can make it one: incremental_strategy().
    """
    half_built(warehouse)
    config = node_configs(warehouse)["int_feature_events"]
    with monkeypatch.context() as patch:
        patch.setattr(config, "incremental_strategy", "microbatch")
        patch.setattr(config, "event_time", "event_date")
        patch.setattr(config, "batch_size", BatchSize.day)
        batches = ["--event-time-start", "2001-01-01", "--event-time-end", "2001-01-03"]
        warehouse.run(AS_OF, "--select", *BEHIND, "int_events")
        warehouse.run(AS_OF, "--select", "int_feature_events", *batches)
    assert_next_build_is_whole(warehouse)


@contextmanager
def another_warehouse(warehouse: Warehouse, folder: Path) -> Iterator[None]:
    """A production without rows in the schema `other`, and its manifest in `folder`."""
    nodes = warehouse.dbt.manifest.writable_manifest().to_dict()
    state = json.loads(json.dumps(nodes, default=str).replace('"main"', '"other"'))
    (folder / "manifest.json").write_text(json.dumps(state).replace('\\"main\\"', '\\"other\\"'))
    with warehouse.connect() as connection:
        connection.execute("create schema other")
        for name in ("event_catalog", "int_landing_hours", *EVENT_TIMES):
            connection.execute(f"create table other.{name} as from {name} limit 0")
    yield
    with warehouse.connect() as connection:
        connection.execute("drop schema other cascade")
