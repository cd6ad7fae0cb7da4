"""docs/looker-studio.md names what the marts have: no more, no less, and no ratio averaged."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.dbt.project import ROOT, Project

PAGES = ("health", "adoption", "retention", "segments", "quality")
TYPES = {
    "string": "Text",
    "date": "Date",
    "timestamp": "Date & Time",
    "int64": "Number",
    "float64": "Number",
    "numeric(38,9)": "Number",
    "bool": "Boolean",
}
FUNCTIONS = {"SUM", "NULLIF", "MAX", "CASE", "WHEN", "THEN", "ELSE", "END"}
TEXT = (ROOT / "docs" / "looker-studio.md").read_text()


def page(name: str) -> str:
    return re.split(r"(?m)^## ", TEXT.split(f"## Page: {name}\n")[1])[0]


def marts_of(name: str) -> dict[str, str]:
    """Each mart of a page with its part of the text."""
    parts = re.split(r"(?m)^### `(\w+)`\n", page(name))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(part: str, columns: int) -> list[tuple[str, ...]]:
    """The rows of the tables with so many columns, by header."""
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in part.splitlines()
        if line.startswith("|") and line.count("|") == columns + 1 and "---" not in line
    ]


def fields(part: str) -> list[tuple[str, ...]]:
    return [row for row in rows(part, 3) if row[0].startswith("`")]


def formulas(part: str) -> dict[str, str]:
    calculated = [row for row in rows(part, 3) if not row[0].startswith("`")]
    return {name: formula.strip("`") for name, formula, _ in calculated if "(" in formula}


def test_every_page_is_there() -> None:
    assert re.findall(r"(?m)^## Page: (\w+)$", TEXT) == list(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_marts_of_its_exposure(project: Project, name: str) -> None:
    exposure = project.manifest["exposures"][f"exposure.bioqms.looker_studio_{name}"]
    expected = {one.split(".")[-1] for one in exposure["depends_on"]["nodes"]}
    assert set(marts_of(name)) == expected


@pytest.mark.parametrize("name", PAGES)
def test_fields_are_those_of_the_contracts(project: Project, name: str) -> None:
    for mart, part in marts_of(name).items():
        contract = project.marts[mart]["columns"]
        assert [row[0].strip("`") for row in fields(part)] == list(contract), mart
        for field, kind, aggregation in fields(part):
            column = field.strip("`")
            assert kind == TYPES[contract[column]["data_type"]], column
            assert aggregation in ("Sum", "None", "dimension"), column
            averaged = column.endswith("_pct") or column.startswith(("avg_", "p50", "p95", "p99"))
            if averaged and column not in ("avg_dau", "avg_dau_previous_week"):
                assert aggregation == "None", column


@pytest.mark.parametrize("name", PAGES)
def test_formulas_and_charts_use_what_is_there(project: Project, name: str) -> None:
    for mart, part in marts_of(name).items():
        columns = set(project.columns(mart))
        for formula in formulas(part).values():
            names = set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", formula)) - FUNCTIONS
            assert names <= columns, f"{mart}: {formula}"
            assert not re.search(r"AVG\(|SUM\(\w+_pct\)", formula)
        prose = [line for line in part.splitlines() if not line.startswith("|")]
        for quoted in re.findall(r"`([a-z_0-9]+)`", " ".join(prose)):
            assert quoted in columns, f"{mart}: {quoted}"


@pytest.mark.parametrize("name", PAGES)
def test_every_ratio_can_be_made_again(name: str) -> None:
    """A mart with a percentage has a calculated field that divides sums."""
    for mart, part in marts_of(name).items():
        rates = [row for row in fields(part) if row[0].endswith("_pct`")]
        if rates:
            assert any("SUM(" in formula for formula in formulas(part).values()), mart


@pytest.mark.parametrize("name", PAGES)
def test_the_address_connects_the_marts_of_the_page(name: str) -> None:
    (address,) = re.findall(r"https://lookerstudio\.google\.com/reporting/create\S+", page(name))
    given = dict(parse_qsl(urlsplit(address).query, strict_parsing=True))
    assert given.pop("r.reportName") == f"BIO-QMS {name}"
    for number, mart in enumerate(marts_of(name)):
        source = f"ds.ds{number}."
        assert given.pop(source + "connector") == "bigQuery"
        assert given.pop(source + "type") == "TABLE"
        assert given.pop(source + "projectId") == "PROJECT"
        assert given.pop(source + "billingProjectId") == "BILLING_PROJECT"
        assert given.pop(source + "datasetId") == "DATASET"
        assert given.pop(source + "tableId") == mart
        assert given.pop(source + "datasourceName") == mart
    assert not given
