"""The semantic models say something that the marts can answer."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.project import Project

PEOPLE_A_DAY = {"dau", "wau", "mau", "engaged_dau", "engaged_wau", "engaged_mau"}
METRICS = {
    "dau",
    "wau",
    "mau",
    "stickiness",
    "weekly_engagement",
    "signups",
    "adoption_rate",
    "mature_adoption_rate",
    "monthly_retention",
    "weekly_retention",
    "segment_people",
    "revenue_90d",
}


def semantic_models(project: Project) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in project.manifest["semantic_models"].values()}


def test_the_metrics_are_there(project: Project) -> None:
    metrics = {one["name"]: one for one in project.manifest["metrics"].values()}
    assert set(metrics) >= METRICS
    assert metrics["stickiness"]["type"] == "ratio"
    assert all(one["description"] and one["label"] for one in metrics.values())


def test_people_do_not_add_over_days(project: Project) -> None:
    measures = {
        one["name"]: one for one in semantic_models(project)["active_users_daily"]["measures"]
    }
    assert set(measures) == PEOPLE_A_DAY
    for measure in measures.values():
        assert measure["non_additive_dimension"] == {
            "name": "activity_date",
            "window_choice": "max",
            "window_groupings": [],
        }


def test_there_is_a_daily_time_spine(project: Project) -> None:
    spine = project.nodes("model")["metricflow_time_spine"]
    assert spine["time_spine"]["standard_granularity_column"] == "date_day"
    assert spine["columns"]["date_day"]["granularity"] == "day"


@pytest.mark.parametrize("kind", ["entities", "dimensions", "measures"])
def test_every_expression_can_be_asked(built: Project, kind: str) -> None:
    """dbt parses names and not SQL: ask the tables."""
    warehouse = Path(built.folder, "data", "warehouse.duckdb")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for name, semantic in semantic_models(built).items():
            table = semantic["node_relation"]["alias"]
            for one in semantic[kind]:
                expression = one["expr"] or one["name"]
                if kind == "measures":
                    expression = f"{one['agg']}({expression})"
                query = f"select {expression} from {table}"  # noqa: S608
                assert connection.execute(query), f"{name}.{one['name']}"
