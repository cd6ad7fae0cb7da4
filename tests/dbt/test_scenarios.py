"""SCENARIOS.md names tests that exist, and leaves no tested model and no data test out."""

import re

from tests.dbt.project import ROOT, Project

TEXT = (ROOT / "SCENARIOS.md").read_text()
UNIT_TESTS = set(re.findall(r"`(\w+)::(\w+)`", TEXT))
PYTESTS = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
FILES = set(re.findall(r"`(tests/[\w/]+\.(?:json|sql))`", TEXT))


def test_every_row_names_a_test() -> None:
    for line in TEXT.splitlines():
        if line.startswith("|") and not line.startswith(("|---", "| case", "| what")):
            shown = line.strip("|").split("|")[1]
            assert re.fullmatch(r" (`[^`]+`, )*`[^`]+` ", shown), line
            for name in re.findall(r"`([^`]+)`", shown):
                known = {f"{a}::{b}" for a, b in [*UNIT_TESTS, *PYTESTS]} | FILES
                assert name in known, name


def test_unit_tests_exist(project: Project) -> None:
    assert not UNIT_TESTS - project.unit_tests


def test_pytests_exist() -> None:
    for file, name in PYTESTS:
        assert f"def {name}(" in (ROOT / file).read_text(), f"{file}::{name}"


def test_files_exist() -> None:
    assert not {file for file in FILES if not (ROOT / file).exists()}


def test_no_tested_model_is_left_out(project: Project) -> None:
    named = {model for model, _ in UNIT_TESTS}
    assert not {model for model, _ in project.unit_tests} - named


def test_no_data_test_is_left_out() -> None:
    data_tests = (ROOT / "tests" / "data").rglob("*.sql")
    assert not {file.relative_to(ROOT).as_posix() for file in data_tests} - FILES
