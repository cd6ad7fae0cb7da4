"""Nobody imports upward: each part of the house knows only what lies below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT

GROUND = {"addresses", "disk", "errors", "instants", "message", "reload", "schema"}
BELOW = {
    "addresses": set(),
    "reload": {"errors", "logs"},
    "auth": GROUND,
    "proxies": GROUND,
    "config": GROUND | {"auth", "proxies"},
    "tenants": GROUND | {"config", "steps"},
    "steps": {"addresses", "errors", "instants", "schema"},
    "sinks": GROUND | {"config", "parent", "sinks", "steps"},
    "pipeline": GROUND | {"auth", "steps"},
    "metrics": GROUND | {"pipeline", "steps"},
    "sources": GROUND | {"auth", "config", "pipeline", "sinks", "sources", "steps", "tenants"},
    "api": GROUND
    | {"api", "auth", "config", "logs", "metrics", "pipeline", "sinks", "steps", "tenants"},
    "app": GROUND | {"api", "auth", "config", "logs", "metrics", "sinks", "steps", "tenants"},
    "front": GROUND | {"config", "logs", "steps", "wsgi"},
    "server": GROUND | {"api", "app", "config", "front", "parent", "sinks", "tenants"},
}
"""What a part of `ingest` may import; one that is not listed, nothing of `ingest`."""

WAYS_IN = {
    "ingest/api/request.py": "ingest.pipeline.process",
    "ingest/sinks/forwarder.py": "ingest.steps.admit",
    "ingest/sources/files.py": "ingest.pipeline.process",
    "ingest/sources/replayer.py": "ingest.pipeline.process",
    "ingest/sources/subscription.py": "ingest.steps.admit",
}
"""Where events come in, and by what they are admitted. test_admit.py tries each of them."""

HOLDERS = {
    "ingest.disk.create_file": {"ingest/sinks/forwarder.py", "ingest/sinks/segments.py"},
    "ingest.disk.open_new": {"ingest/sinks/segments.py", "ingest/sources/files.py"},
    "ingest.message.to_message": {"ingest/sinks/__init__.py", "ingest/sinks/forwarder.py"},
    "ingest.message.to_reject_message": {"ingest/sinks/__init__.py"},
    "ingest.message.to_row": {"ingest/sources/subscription.py"},
    "ingest.pipeline.process": set(WAYS_IN),
    "ingest.pipeline.reject_row": {"ingest/api/request.py", "ingest/sources/files.py"},
    "ingest.sinks.open_rejects": {"ingest/app.py"},
    "ingest.sinks.open_sink": {
        "ingest/app.py",
        "ingest/sources/files.py",
        "ingest/sources/replayer.py",
    },
    "ingest.sinks.pubsub.Publisher": {"ingest/sinks/forwarder.py"},
    "ingest.sinks.pubsub.PubSubSink": {"ingest/sinks/__init__.py"},
    "ingest.sinks.segments.SegmentLog": {
        "ingest/sinks/__init__.py",
        "ingest/sinks/pubsub.py",
        "ingest/sinks/spool.py",
        "ingest/sources/subscription.py",
    },
    "ingest.sinks.segments.replace_segment": {"ingest/sinks/forwarder.py"},
    "ingest.sinks.spool.open_spool": {"ingest/sinks/__init__.py"},
    "ingest.steps.enrich.enrich": {"ingest/pipeline.py"},
}
"""Who holds what makes rows or writes them. All others can only pass on what was admitted."""


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


def taken(source: str) -> set[str]:
    """The full names of all that a module takes out of `ingest`; `…*` for a whole module."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {f"{alias.name}.*" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("ingest.")}


def writes_files(source: str) -> bool:
    """Whether a module opens a file for writing by itself."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    modes = {
        argument.value
        for call in calls
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        if isinstance(argument, ast.Constant)
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "open"
    }
    is_written = any(set(str(mode)) & set("wax+") for mode in modes)
    return is_written or bool(names & {"write_bytes", "write_text"})


def makes_outcomes(source: str) -> bool:
    """Whether a module makes up the fate of an event, with a row of its own."""
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Outcome"
        for node in ast.walk(ast.parse(source))
    )


def bypasses(module: str, source: str) -> list[str]:
    """By what a module could let an event in that nobody has admitted."""
    holders = HOLDERS | {f"{name.rpartition('.')[0]}.*": set[str]() for name in HOLDERS}
    # `from ingest.sinks import segments` takes a whole module as well.
    holders |= {name.rpartition(".")[0]: set[str]() for name in HOLDERS}
    found = sorted(n for n in taken(source) if module not in holders.get(n, {module}))
    if module in WAYS_IN and WAYS_IN[module] not in {
        name for taken_name in taken(source) for name in (taken_name, taken_name.rpartition(".")[0])
    }:
        found.append(f"without {WAYS_IN[module]}")
    if module.startswith(("ingest/api", "ingest/sources")):
        found += ["opens a file for writing"] * writes_files(source)
        found += ["makes an Outcome"] * makes_outcomes(source)
    return found


@pytest.mark.parametrize("module", modules("ingest"))
def test_no_event_comes_in_unasked(module: str) -> None:
    assert bypasses(module, (ROOT / module).read_text()) == []


@pytest.mark.parametrize("module", WAYS_IN)
def test_every_way_in_exists(module: str) -> None:
    assert (ROOT / module).exists()


@pytest.mark.parametrize(
    "source",
    [
        "from ingest.sinks import open_sink",
        "import ingest.sinks",
        "from ingest.sinks import segments",
        "import ingest.sinks.segments as s",
        "from ingest.sinks.segments import SegmentLog",
        "from ingest.sinks.pubsub import PubSubSink",
        "from ingest.steps.enrich import enrich",
        "from ingest.message import to_row",
        "from ingest.pipeline import process, reject_row",
        "from ingest.pipeline import Outcome\nOutcome('e', row=b'{}')",
        "open('log/x.jsonl', 'ab').write(b'{}')",
        "path.open(mode='wb')",
        "path.write_bytes(b'{}')",
    ],
)
def test_a_new_source_that_lets_events_in_by_itself_is_found(source: str) -> None:
    assert bypasses("ingest/sources/kafka.py", source)
