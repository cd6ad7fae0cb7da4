"""A part that is switched off leaves nothing of itself, and the rest builds without it."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.project import Project, dbt, succeeded

KINDS = ("nodes", "unit_tests", "exposures", "metrics", "semantic_models")
KEPT = ("models/staging/", "models/intermediate/kpis/", "models/marts/core/", "models/marts/kpis/")
# What lies outside of the part's own folders, by its name in dbt.
OUTSIDE: dict[str, set[str]] = {
    "adoption": {
        "model.int_feature_exposures",
        "seed.adoption_matrix_thresholds",
        "seed.adoption_stage_rules",
        "test.cumulative_funnel_never_rises",
        "test.feature_active_users_nest",
        "test.funnel_loses_no_feature_user",
        "test.funnel_stages_sum_to_exposed",
        "exposure.looker_studio_adoption",
        "exposure.live_dashboard",
        "exposure.monthly_review_deck",
        "semantic_model.feature_adoption",
        "metric.adoption_rate",
        "metric.mature_adoption_rate",
    },
    "cohorts": {
        "model.int_tier_changes",
        "seed.tenants",
        "seed.first_week_bands",
        "test.retention_at_most_cohort_size",
        "test.retention_triangle_is_dense",
        "analysis.retention_triangle",
        "exposure.looker_studio_retention",
        "exposure.monthly_review_deck",
        "semantic_model.cohort_retention",
        "metric.monthly_retention",
        "metric.weekly_retention",
    },
    "segments": {
        "model.int_roles",
        "seed.rfm_score_bands",
        "seed.rfm_segment_rules",
        "snapshot.user_segment_snapshot",
        "exposure.looker_studio_segments",
        "exposure.monthly_review_deck",
        "semantic_model.user_rfm",
        "metric.segment_people",
        "metric.revenue_90d",
    },
    "quality": {
        "seed.quality_score_rules",
        "seed.quality_thresholds",
        "analysis.quality_last_day",
        "exposure.looker_studio_quality",
        "exposure.live_dashboard",
    },
}


def things(project: Project) -> dict[str, dict[str, Any]]:
    """All that dbt knows, by an id without the project's name."""
    found = [one for kind in KINDS for one in project.manifest[kind].items()]
    return {key.replace(".bioqms.", "."): one for key, one in found}


def readers(project: Project) -> set[str]:
    """The seeds and models that a model or a snapshot reads, by name."""
    return {
        node_id.split(".")[-1]
        for kind in ("model", "snapshot")
        for node in project.nodes(kind).values()
        for node_id in node["depends_on"]["nodes"]
    }


def built_without(folder: Path, *parts: str) -> Project:
    """The project after a build with these parts switched off."""
    off = json.dumps({f"use_{part}": False for part in parts})
    succeeded(
        dbt(folder, "build", "--quiet", "--vars", off, "--exclude-resource-type", "unit_test")
    )
    return Project.read(folder)


def assert_gone(project: Project, before: Project, parts: list[str]) -> None:
    left = things(project)
    folders = tuple(f"/{part}/" for part in parts)
    assert not [key for key, one in left.items() if any(f in one["path"] for f in folders)]
    assert not [key for part in parts for key in OUTSIDE[part] if key in left]
    # Nothing else is left that nobody reads any more.
    unread = readers(before) - readers(project)
    assert not [key for key, one in left.items() if one["name"] in unread]
    kept = {
        key
        for key, one in things(before).items()
        if one.get("original_file_path", "").startswith(KEPT)
    }
    assert kept
    assert not {key for key in kept if key.startswith("model.")} - left.keys()
    with duckdb.connect(str(project.folder / "data" / "warehouse.duckdb")) as connection:
        relations = connection.execute(
            "select table_name from information_schema.tables"
        ).fetchall()
    tables = {name for (name,) in relations} - {"events", "build_ledger"}
    expected = {k: project.nodes(k) for k in ("model", "seed", "snapshot")}
    assert tables == {name for nodes in expected.values() for name in nodes}


def test_what_is_listed_here_is_there(project: Project) -> None:
    assert not set().union(*OUTSIDE.values()) - things(project).keys()


@pytest.mark.parametrize("part", sorted(OUTSIDE))
def test_a_part_can_be_switched_off(project: Project, tmp_path: Path, part: str) -> None:
    assert_gone(built_without(tmp_path, part), project, [part])


def test_all_parts_can_be_switched_off(project: Project, tmp_path: Path) -> None:
    left = built_without(tmp_path, *OUTSIDE)
    assert_gone(left, project, list(OUTSIDE))
    assert "subscription_tiers" not in left.nodes("seed")
