"""What dbt-bouncer cannot say: clocks, dialects, folders, labels, and pages that name columns."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path, PurePosixPath

import duckdb
import pytest
import yaml

from tests.dbt.project import ROOT, Project

# The two places that may read dbt's clock: the day of the marts, and the start of a run.
CLOCKS = {"macros/numbers/as_of_date.sql", "macros/incremental/build_instant.sql"}
CLOCK = re.compile(
    r"\b(current_(date|time|timestamp|datetime)|localtime(stamp)?|sysdate|getdate|today|now)\b"
    r"|run_started_at|datetime\.(now|utcnow)",
    re.IGNORECASE,
)
# The three folders that know which engine runs.
ENGINES = ("macros/dialect/", "macros/incremental/", "macros/landing/")
ENGINE = re.compile(r"\btarget\.(type|name)\b|\badapter\.(type|dispatch)\b|\b(duckdb|bigquery)__")

# What one engine has and the other has not, or writes otherwise.
DIALECT = {
    "a cast by ::": r"::",
    "filter (where ...)": r"\bfilter\s*\(",
    "integer division by //": r"//",
    "distinct on": r"\bdistinct\s+on\b",
    "group by all": r"\bgroup\s+by\s+all\b",
    "select * except": r"\*\s*(except|exclude|replace)\b",
    "a backtick": r"`",
    "a lenient cast": r"\b(try|safe)_\w+\s*\(",
    "date arithmetic": r"\b(date|datetime|timestamp)_?(trunc|diff|add|sub|part)\b|\binterval\b",
    "date text": r"\b(strftime|strptime|(format|parse)_\w+)\s*\(|\bextract\s*\(",
    "json": r"\bjson_\w+\s*\(|->",
    "a regular expression": r"\bregexp\w*\s*\(|~",
    "lists": r"\b(array|list|string|struct)_\w+\s*\(|\b(unnest|list|flatten)\s*\(",
    "series": r"\b(generate_\w+|range)\s*\(",
    "an approximation": r"\bapprox_\w+",
    "aggregates": r"\b(countif|logical_\w+|bool_\w+|any_value|arg_m\w+|\w+_by|quantile_\w+)\s*\(",
    "a type name": r"\bas\s+(varchar|text|string|u?(big|small|huge)int|int(eger|64)?|float(64|8)?|"
    r"double|bool(ean)?|(big)?numeric|decimal|timestamptz)\b",
}
# list_of is a macro's name where it stands inside an expression that another macro gets.
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def sql_files() -> Iterator[tuple[str, str]]:
    """Every SQL file with its text, comments taken out."""
    for folder in ("models", "macros", "snapshots", "analyses", "tests/data"):
        for file in sorted((ROOT / folder).rglob("*.sql")):
            yield file.relative_to(ROOT).as_posix(), COMMENT.sub("", file.read_text())


def hits(pattern: re.Pattern[str], allowed: set[str] | None = None) -> list[str]:
    """Where a pattern stands in SQL outside of the files where it may."""
    return [
        f"{file}: {match.group()}"
        for file, text in sql_files()
        if file not in (allowed or set())
        for match in pattern.finditer(text)
    ]


def test_as_of_date_is_the_only_clock() -> None:
    assert not hits(CLOCK, CLOCKS)
    assert all((ROOT / file).exists() for file in CLOCKS)


def test_no_model_asks_for_the_engine() -> None:
    found = [hit for hit in hits(ENGINE) if not hit.startswith(ENGINES)]
    assert not found


def test_a_project_that_installs_this_one_can_override_each_dispatched_macro() -> None:
    """dbt looks into the project that is built only where the namespace is given."""
    dispatched = hits(re.compile(r"adapter\.dispatch\([^)]*\)"))
    named = re.compile(r"^\S+: adapter\.dispatch\('\w+', 'bioqms'\)$")
    assert dispatched
    assert not [hit for hit in dispatched if not named.match(hit)]


@pytest.mark.parametrize("what", sorted(DIALECT))
def test_dialect_stays_in_its_folder(what: str) -> None:
    pattern = re.compile(DIALECT[what], re.IGNORECASE)
    found = [
        f"{file}: {match.group()}"
        for file, text in sql_files()
        if not file.startswith("macros/")
        for match in pattern.finditer(JINJA.sub("", text))
    ]
    assert not found


MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?\{%-?\s*endmacro", re.DOTALL)


def engine_macros() -> Iterator[tuple[str, dict[str, str]]]:
    """The macros of each file that may know the engine, comments taken out: name and body."""
    for file, text in sql_files():
        if file.startswith(ENGINES):
            yield file, {found.group(1): found.group() for found in MACRO.finditer(text)}


def test_one_dispatched_macro_a_file() -> None:
    for file, macros in engine_macros():
        stem = PurePosixPath(file).stem
        dispatched = [stem, f"duckdb__{stem}", f"bigquery__{stem}"]
        if file.startswith("macros/dialect/") or any("__" in name for name in macros):
            assert list(macros) == dispatched, file
        else:
            assert next(iter(macros)) == stem, file


def test_what_is_equal_on_both_engines_is_not_dispatched() -> None:
    for file, macros in engine_macros():
        bodies = [
            " ".join(body.replace(name, "").split())
            for name, body in macros.items()
            if name.startswith(("duckdb__", "bigquery__"))
        ]
        assert len(bodies) == len(set(bodies)), file


SIGNATURE = re.compile(r"(?:macro|test)\s+\w+\((.*?)\)\s*-?%\}", re.DOTALL)


def test_every_public_macro_is_described_with_its_arguments(project: Project) -> None:
    """Macros of one engine are described by the one that dispatches them; `_` is private."""
    public = {
        macro["name"]: macro
        for macro in project.manifest["macros"].values()
        if macro["package_name"] == "bioqms"
        and not macro["name"].startswith(("duckdb__", "bigquery__", "_"))
    }
    assert "rolling_people" in public
    for name, macro in public.items():
        assert macro["description"], name
        signature = SIGNATURE.search(macro["macro_sql"])
        assert signature, name
        arguments = re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", signature.group(1).strip())
        assert [one["name"] for one in macro["arguments"]] == arguments, name
        assert all(one["description"] for one in macro["arguments"]), name


def test_the_documentation_has_an_overview(project: Project) -> None:
    page = project.manifest["docs"]["doc.bioqms.__overview__"]["block_contents"]
    folders = {node["path"].split("/")[1] for node in project.marts.values()}
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == folders


def test_a_yaml_file_describes_its_namesake_alone() -> None:
    for folder, key in (("models", "models"), ("seeds", "seeds"), ("snapshots", "snapshots")):
        for file in sorted((ROOT / folder).rglob("*.yml")):
            described = yaml.safe_load(file.read_text()).get(key)
            if described is not None:
                assert [one["name"] for one in described] == [file.stem], file
    for seed in (ROOT / "seeds").glob("*.csv"):
        assert seed.with_suffix(".yml").exists(), seed


def folder_of(path: str) -> str:
    return PurePosixPath(path).parent.as_posix()


def test_folders_are_read_one_way(project: Project) -> None:
    """No two folders of models read one another, directly or around a corner."""
    models = {node["unique_id"]: node for node in project.nodes("model").values()}
    graph: dict[str, set[str]] = {}
    for node in models.values():
        reader = folder_of(node["original_file_path"])
        read = {
            folder_of(models[one]["original_file_path"])
            for one in node["depends_on"]["nodes"]
            if one in models
        }
        graph.setdefault(reader, set()).update(read - {reader})
    TopologicalSorter(graph).prepare()


def test_every_model_has_an_owner(project: Project) -> None:
    groups = {group["name"]: group for group in project.manifest["groups"].values()}
    for name, node in project.nodes("model").items():
        assert node["group"] in groups, name
        assert node["config"]["labels"]["group"] == node["group"], name
    for group in groups.values():
        assert group["description"]
        assert group["owner"]["email"].endswith("@bioqms.example")


ROWS = {"properties", "traits", "ip", "user_agent"}
IDS = {"user_id", "anonymous_id", "stream_key", "event_id", "session_id"}


def test_labels_say_where_personal_data_lies(project: Project) -> None:
    """The label decides what erasure must reach, so it follows from the columns."""
    tables = project.nodes("model") | project.nodes("seed") | project.nodes("snapshot")
    for name, node in tables.items():
        columns = set(node["columns"])
        expected = "rows" if columns & ROWS else "ids" if columns & IDS else "none"
        if name == "int_event_copies":
            expected = "rows"  # the ranked copies of whole rows
        assert node["config"]["labels"]["personal_data"] == expected, name


def test_sources_and_snapshots_are_described(project: Project) -> None:
    described = [*project.manifest["sources"].values(), *project.nodes("snapshot").values()]
    described += project.nodes("seed").values()
    for node in described:
        assert node["description"], node["name"]
        for column in node["columns"].values():
            assert column["description"], f"{node['name']}.{column['name']}"


UNDESCRIBED = "select {} from duckdb_{}() where not internal and schema_name = 'main' {}"


def test_the_warehouse_says_what_it_holds(built: Project) -> None:
    """A client sees the description of each model, seed and snapshot, and of each column."""
    with duckdb.connect(str(built.folder / "data" / "warehouse.duckdb"), read_only=True) as opened:

        def without(what: str, kind: str) -> set[tuple[str, ...]]:
            ask = UNDESCRIBED.format(what, kind, "and comment is null")
            return set(opened.execute(ask).fetchall())

        assert without("table_name", "tables") == {("build_ledger",)}
        assert without("view_name", "views") == set()
        columns = without("table_name, column_name", "columns")
        assert {table for table, _ in columns} == {"build_ledger"}
        described = opened.execute(UNDESCRIBED.format("count(*)", "columns", "")).fetchone()
        assert described
        assert described[0] > 500


# ---------- docs/marts.md


def words(cell: str) -> list[str]:
    """The column names of a cell: what is in brackets explains them."""
    return re.findall(r"[a-z][a-z0-9_]*", re.sub(r"\([^)]*\)", "", cell))


def documented() -> dict[str, tuple[list[str], list[str]]]:
    """Each mart of docs/marts.md with its grain and its other columns."""
    page = (ROOT / "docs" / "marts.md").read_text()
    rows = re.findall(r"^\| `(\w+)`(?: \(view\))? \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    return {
        name: ([] if grain == "one landed row" else words(grain), words(columns))
        for name, grain, columns in rows
    }


def test_the_page_of_marts_lists_the_contracts(project: Project) -> None:
    pages = documented()
    assert set(pages) == set(project.marts)
    for name, (grain, others) in pages.items():
        assert sorted(grain + others) == sorted(project.columns(name)), name


def test_the_page_of_marts_gives_the_grain(project: Project) -> None:
    for name, (grain, _) in documented().items():
        tested = project.grain(name)
        if tested is not None:
            assert sorted(grain) == sorted(tested), name


# ---------- unit tests


def test_every_unit_test_says_what_it_shows(project: Project) -> None:
    for test in project.manifest["unit_tests"].values():
        assert test["description"], test["unique_id"]


def test_time_stands_still_in_unit_tests(project: Project) -> None:
    """A unit test whose model asks for as_of_date says which day it is."""
    models = project.nodes("model")
    for test in project.manifest["unit_tests"].values():
        node = models[test["model"]]
        asks = "as_of_date()" in Path(ROOT, node["original_file_path"]).read_text()
        given = ((test.get("overrides") or {}).get("vars") or {}).get("as_of_date")
        assert not asks or given, test["unique_id"]
