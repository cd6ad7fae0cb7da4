"""What a reader sees is in plain English: pages, descriptions, help, errors, alerts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import ROOT

# There is a plain word for each: also, fix, everyone who, of it, again, forever, the last N, only.
MANNERED = re.compile(
    r"\b(?:besides|mend(?:s|ed|ing)?|whoever|thereof|afresh|anew|for ever|so many of the last)\b"
    r"|\b(?:tenants?|dbt|https|owners?|people|rows?|dates?|sources|project) alone\b",
    re.IGNORECASE,
)


def pages() -> list[Path]:
    """The documentation that a reader opens."""
    folders = (ROOT, ROOT / "docs", ROOT / "bench", ROOT / "models")
    return [page for folder in folders for page in sorted(folder.glob("*.md"))]


def descriptions(value: Any) -> Iterator[str]:
    """Every `description` in a document of dbt, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "description" and isinstance(inner, str):
                yield inner
            yield from descriptions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from descriptions(inner)


def texts_of_dbt() -> list[tuple[Path, str]]:
    folders = ("models", "seeds", "snapshots", "macros")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.yml"))]
    return [
        (path, text)
        for path in (*files, ROOT / "dbt-bouncer.yml")
        for text in descriptions(yaml.load(path.read_text(), Loader=yaml.CSafeLoader))
    ]


def texts_of_commands() -> list[tuple[Path, str]]:
    """The string literals of the program: help, errors, what is printed; docstrings too."""
    return [
        (path, node.value)
        for folder in ("bioqms", "ingest", "expectations", "scripts")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def mannered(texts: list[tuple[Path, str]]) -> list[str]:
    """Each place that has such a word, as a line to read."""
    return [
        f"{path.relative_to(ROOT)}: {found[0]!r} in {' '.join(text.split())[:120]!r}"
        for path, text in texts
        if (found := MANNERED.search(text))
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_are_plain(page: Path) -> None:
    assert mannered([(page, line) for line in page.read_text().splitlines()]) == []


def test_descriptions_are_plain() -> None:
    texts = texts_of_dbt()
    assert len(texts) > 500
    assert mannered(texts) == []


def test_commands_are_plain() -> None:
    texts = texts_of_commands()
    assert len(texts) > 500
    assert mannered(texts) == []


def test_alerts_and_errors_of_the_infrastructure_are_plain() -> None:
    files = sorted((ROOT / "infra").rglob("*.tf"))
    assert files
    assert mannered([(path, path.read_text()) for path in files]) == []
