"""Nobody imports upward: each part of the house knows only what lies below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT

GROUND = {"errors", "instants", "message"}
BELOW = {
    "auth": GROUND,
    "proxies": GROUND,
    "config": GROUND | {"auth", "proxies"},
    "steps": {"errors", "instants"},
    "sinks": GROUND | {"config", "parent", "sinks"},
    "pipeline": GROUND | {"auth", "steps"},
    "metrics": GROUND | {"pipeline", "steps"},
    "sources": GROUND | {"auth", "config", "pipeline", "sinks", "sources", "steps"},
    "api": GROUND | {"api", "auth", "config", "logs", "metrics", "pipeline", "sinks", "steps"},
    "app": GROUND | {"api", "config", "logs", "metrics", "sinks", "steps"},
    "front": GROUND | {"config", "logs", "steps", "wsgi"},
    "server": GROUND | {"api", "app", "config", "front", "parent", "sinks"},
}
"""What a part of `ingest` may import; one that is not listed, nothing of `ingest`."""


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(folder: str) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("module", modules("ingest"))
def test_the_collector_imports_downward(module: str) -> None:
    part = Path(module).parts[1].removesuffix(".py")
    names = [name.split(".") for name in imported(ROOT / module)]
    step = list(Path(module).parent.parts)
    if len(step) == 3:  # a step that is a folder knows its own files, and no other step
        names = [name for name in names if name[:3] != step]
    assert not {name[0] for name in names} & {"bioqms", "click", "expectations", "tests"}
    assert {name[1] for name in names if name[0] == "ingest"} <= BELOW.get(part, set())


@pytest.mark.parametrize("module", modules("bioqms"))
def test_only_the_command_line_knows_click(module: str) -> None:
    names = set(imported(ROOT / module))
    if Path(module).parts[1] not in ("cli", "__main__.py"):
        assert not {name for name in names if name.startswith(("click", "bioqms.cli"))}
