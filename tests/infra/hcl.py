"""Terraform's files as data: blocks, references and strings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

# What an expression may name that is not a resource: iteration and functions' own words.
_SCOPED = re.compile(r"\b(?:each|count|self|path|terraform)\.")
_REFERENCE = re.compile(r"(?<![\w.\"-])((?:data\.)?[a-z][a-z0-9_]*(?:\.[a-z_][a-z0-9_-]*)+)")
# An interpolation in a string may hold strings of its own.
STRING = r'"(?:\$\{[^}]*\}|[^"\\]|\\.)*"'
_NOT_REFERENCES = {"env", "chart", "query"}  # iterators of `dynamic` blocks and `for` expressions


def load(folder: Path) -> dict[str, Any]:
    """Return {kind: {type: {name: body}}} of resources and data, {kind: {name: body}} of others."""
    found: dict[str, Any] = defaultdict(dict)
    for file in sorted(folder.glob("*.tf")):
        with file.open() as text:
            for kind, blocks in _unquoted(hcl2.load(text)).items():
                for block in blocks:
                    _add(found[kind], block, 1 if kind in {"resource", "data"} else 0)
    return found


def _add(into: dict[str, Any], block: dict[str, Any], depth: int) -> None:
    """Add a block's names, below as many labels as its kind has before its name."""
    for name, body in block.items():
        if depth:
            _add(into.setdefault(name, {}), body, depth - 1)
        elif name in into:
            raise ValueError(f"{name} is defined twice")
        else:
            into[name] = body


def _unquoted(value: Any) -> Any:
    """Strip the quotes and marks that the parser leaves in keys and strings."""
    if isinstance(value, dict):
        return {
            str(key).strip('"'): _unquoted(inner)
            for key, inner in value.items()
            if not str(key).startswith("__")
        }
    if isinstance(value, list):
        return [_unquoted(inner) for inner in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def strings(value: Any) -> Iterator[str]:
    """Yield every string of a tree."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def references(text: str) -> set[str]:
    """Return what Terraform's source refers to: `var.x`, `local.y`, `google_z.name`, `data.a.b`."""
    code = re.sub(r"#.*", "", text)
    expressions = re.sub(STRING, _interpolations, code)
    found = set()
    for match in _REFERENCE.finditer(expressions):
        parts = match.group(1).split(".")
        if parts[0] in _NOT_REFERENCES or _SCOPED.match(match.group(1)):
            continue
        depth = {"data": 3, "var": 2, "local": 2}.get(parts[0], 2)
        found.add(".".join(parts[:depth]))
    return found


def _interpolations(match: re.Match[str]) -> str:
    return " ".join(re.findall(r"(?<!\$)\$\{([^}]*)\}", match.group(0)))
