"""docs/dbt.md says what dbt_project.yml and the models say."""

import re

import yaml

from tests.dbt.project import ROOT, Project

PAGE = (ROOT / "docs" / "dbt.md").read_text()


def rows(header: str) -> list[list[str]]:
    """The cells of the table below a header line, backticks kept."""
    lines = PAGE.split(f"{header}\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def names(cells: list[str]) -> set[str]:
    """What stands in backticks."""
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_table_of_vars_is_that_of_the_project() -> None:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    shown = {
        name.strip("`"): default.strip("`")
        for name, default, _ in rows("| var | default | what it is |")
    }
    assert {name: yaml.safe_load(default) for name, default in shown.items()} == project["vars"]


def test_every_tag_and_group_is_there(project: Project) -> None:
    nodes = [node for kind in ("model", "seed") for node in project.nodes(kind).values()]
    tags = {tag for node in nodes for tag in node["tags"]}
    assert names([tag for tag, _ in rows("| tag | models |")]) == tags
    groups = {group["name"] for group in project.manifest["groups"].values()}
    assert names([group for group, _ in rows("| group | answers for |")]) == groups


def test_the_example_of_an_override_is_that_of_the_host() -> None:
    (example,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert (
        example in (ROOT / "integration_tests" / "macros" / "duckdb__start_of_week.sql").read_text()
    )


def test_the_example_of_vars_is_that_of_the_host() -> None:
    example = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    host = yaml.safe_load((ROOT / "integration_tests" / "dbt_project.yml").read_text())
    for key, value in example.items():
        assert host[key]["bioqms"] == value["bioqms"], key


def test_the_page_is_linked() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        assert "(docs/dbt.md)" in (ROOT / page).read_text()
