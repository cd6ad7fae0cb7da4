"""dbt-bouncer.yml holds, and would not if a convention were broken."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.project import ROOT, Project

Manifest = dict[str, Any]


def bounce(folder: Path) -> tuple[int, set[str], str]:
    """Exit status, the names of the checks that failed, and what was printed."""
    report = folder / "bouncer.json"
    script = "from dbt_bouncer.main import app; app()"
    outcome = subprocess.run(
        [sys.executable, "-c", script, "run", "--output-file", str(report)],
        cwd=ROOT,
        env=os.environ | {"DBT_PROJECT_DIR": str(folder), "DBT_BOUNCER_DISABLE_CONF_CACHE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if not report.exists():
        return outcome.returncode, set(), outcome.stdout + outcome.stderr
    checks = json.loads(report.read_text())
    failed = {one["check_run_id"] for one in checks if one["outcome"] != "success"}
    return outcome.returncode, failed, outcome.stdout + outcome.stderr


def test_conventions_hold(built: Project) -> None:
    status, failed, output = bounce(built.folder)
    assert status == 0, output
    assert not failed


def model(manifest: Manifest, name: str) -> dict[str, Any]:
    node: dict[str, Any] = manifest["nodes"][f"model.bioqms.{name}"]
    return node


def no_contract(manifest: Manifest) -> None:
    node = model(manifest, "user_rfm")
    node["contract"]["enforced"] = node["config"]["contract"]["enforced"] = False


def a_mart_reads_staging(manifest: Manifest) -> None:
    model(manifest, "user_rfm")["depends_on"]["nodes"].append("model.bioqms.stg_events")


def a_mart_reads_a_source(manifest: Manifest) -> None:
    model(manifest, "user_rfm")["depends_on"]["nodes"].append("source.bioqms.raw.events")


def a_column_is_not_described(manifest: Manifest) -> None:
    model(manifest, "int_tenants")["columns"]["tenant_id"]["description"] = ""


def a_clock_in_a_model(manifest: Manifest) -> None:
    model(manifest, "user_rfm")["raw_code"] += "\nwhere activity_date < current_date"


def an_exposure_of_rows(manifest: Manifest) -> None:
    exposure = manifest["exposures"]["exposure.bioqms.live_dashboard"]
    exposure["depends_on"]["nodes"].append("model.bioqms.fct_events")


def a_rule_without_unit_test(manifest: Manifest) -> None:
    tests = manifest["unit_tests"]
    for key in [key for key, test in tests.items() if test["model"] == "active_users_daily"]:
        del tests[key]


def a_flag_that_is_no_flag(manifest: Manifest) -> None:
    model(manifest, "fct_sessions")["columns"]["is_engaged"]["data_type"] = "int64"


BREAKS: dict[str, Callable[[Manifest], None]] = {
    "check_model_has_contracts_enforced": no_contract,
    "check_lineage_permitted_upstream_models": a_mart_reads_staging,
    "check_lineage_source_cannot_be_used": a_mart_reads_a_source,
    "check_model_column_description_populated": a_column_is_not_described,
    "check_model_code_does_not_contain_regexp_pattern": a_clock_in_a_model,
    "check_exposure_based_on_non_public_models": an_exposure_of_rows,
    "check_model_has_unit_tests": a_rule_without_unit_test,
    "check_model_column_name_complies_to_column_type": a_flag_that_is_no_flag,
}


@pytest.fixture(scope="session")
def broken(built: Project, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The checks that fail when all of these are broken at once."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(built.folder / "target", folder / "target")
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    for change in BREAKS.values():
        change(manifest)
    (folder / "target" / "manifest.json").write_text(json.dumps(manifest))
    status, failed, output = bounce(folder)
    assert status != 0, output
    return {check.split(":")[0] for check in failed}


@pytest.mark.parametrize("check", sorted(BREAKS))
def test_a_broken_convention_is_found(broken: set[str], check: str) -> None:
    assert check in broken
