"""What `--select` means: what it names, plus the parents that are not built yet."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioqms.dbt_runner import target_dir
from bioqms.errors import CannotRun
from bioqms.session.outcome import why

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

RunDbt = Callable[..., "dbtRunnerResult"]
"""run_dbt with all arguments but the command, its options and a listener."""

TESTS = ("--indirect-selection", "buildable")
"""Leave out tests that also read a model which is not selected: it may not be there."""
_BUILT = ("model", "seed", "snapshot")
# dbt knows each engine's catalogue: its own answer needs no second set of credentials.
_ABSENT = """
{%- set absent = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values()
        if node.resource_type in ('model', 'seed', 'snapshot')
        and not adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- do absent.append(node.unique_id) -%}
    {%- endfor -%}
{%- endif -%}
{{ tojson(absent) }}
"""


def parents_to_build(data: Path, select: tuple[str, ...], dbt: RunDbt) -> tuple[str, ...]:
    """Selectors of the tables that `select` reads, at any distance, and the warehouse lacks.

    Raises CannotRun if a part of `select` matches nothing, or if dbt cannot tell.
    """
    selected = _selected(data, select, dbt)
    nodes = _nodes(data)
    needed = {
        name for name in _ancestors(selected, nodes) if nodes[name]["resource_type"] in _BUILT
    }
    if not needed - selected:
        return ()
    done = dbt("compile", "--inline", _ABSENT)
    if not done.success:
        raise CannotRun(f"dbt cannot read the warehouse: {why(data, done.exception)}")
    absent = set(json.loads(done.result.results[0].node.compiled_code))
    missing = sorted((needed - selected) & absent)
    return tuple("fqn:" + ".".join(nodes[name]["fqn"]) for name in missing)


def _selected(data: Path, select: tuple[str, ...], dbt: RunDbt) -> set[str]:
    unmatched: list[str] = []

    def hear(event: Any) -> None:
        if event.info.name == "NoNodesForSelectionCriteria":
            unmatched.append(event.data.spec_raw)

    keys = ("--output", "json", "--output-keys", "unique_id")
    done = dbt("ls", "--select", *select, *TESTS, *keys, listener=hear)
    if not done.success:
        raise CannotRun(f"--select {' '.join(select)}: {why(data, done.exception)}")
    if unmatched or not done.result:
        wrong = unmatched or [" ".join(select)]
        names = (node["name"] for node in _nodes(data).values() if node["resource_type"] in _BUILT)
        raise CannotRun(f"--select {' '.join(wrong)} matches nothing: {_advice(wrong[0], names)}")
    return {json.loads(line)["unique_id"] for line in done.result}


def _advice(wrong: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong.strip("+"), list(names), n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return "use the names of models, seeds or tags that `dbt ls` lists"


def _nodes(data: Path) -> dict[str, dict[str, Any]]:
    """Every model, seed, snapshot and data test by its id, from the manifest dbt has written."""
    manifest = json.loads((target_dir(data) / "manifest.json").read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = manifest["nodes"]
    return nodes


def _ancestors(selected: set[str], nodes: dict[str, dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    waiting = [name for name in selected if name in nodes]
    while waiting:
        parents = nodes[waiting.pop()].get("depends_on", {}).get("nodes", [])
        fresh = [name for name in parents if name in nodes and name not in found]
        found.update(fresh)
        waiting += fresh
    return found
