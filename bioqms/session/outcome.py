"""The result of a build, as lines for a person."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioqms.dbt_runner import log_file
from bioqms.project import as_shown, project_dir, warehouse
from bioqms.session.preflight import locked

_KINDS = ("model", "seed", "snapshot")
_SHOWN = 10
"""How many failed or warned nodes are named; the log has the others."""
_REASON_LENGTH = 300
_HEADING = re.compile(r"([A-Z]\w+ )+Error|[A-Z]\w+ Error in .+ \(.+\)|-+")


@dataclass(frozen=True)
class Node:
    """One seed, model, snapshot, test or hook that dbt ran or skipped."""

    kind: str
    name: str
    status: str
    reason: str
    rows: int | None = None
    """How many rows failed a test."""
    place: str = ""
    """Its database and schema."""

    @classmethod
    def of(cls, result: Any) -> Node:
        """Read one of dbt's results."""
        node = result.node
        kind = "hook" if node.resource_type == "operation" else str(node.resource_type)
        return cls(
            kind=kind,
            name=node.name,
            status=str(result.status),
            reason=first_reason(result.message or ""),
            rows=result.failures,
            place=f"{node.database}.{node.schema}" if kind in _KINDS else "",
        )

    def __str__(self) -> str:
        """Its kind, its name and what is wrong with it."""
        if self.kind == "test" and self.rows is not None and self.status in ("fail", "warn"):
            noun = "row" if self.rows == 1 else "rows"
            return f"test {self.name}: {self.rows:,} {noun} failed"
        return f"{self.kind} {self.name}: {self.reason}"


@dataclass(frozen=True)
class Outcome:
    """Every node of one build."""

    nodes: tuple[Node, ...]

    @property
    def failed(self) -> list[Node]:
        """Nodes that failed."""
        return [node for node in self.nodes if node.status in ("error", "fail", "partial success")]

    @property
    def warned(self) -> list[Node]:
        """Tests that warned."""
        return [node for node in self.nodes if node.status == "warn"]

    def count(self, kind: str, *statuses: str) -> int:
        """How many nodes of a kind ended with one of these statuses."""
        return sum(node.kind == kind and node.status in statuses for node in self.nodes)

    @property
    def built(self) -> str:
        """Such as `53 models, 12 seeds, 1 snapshot`."""
        counts = [(self.count(kind, "success"), kind) for kind in _KINDS]
        shown = [f"{n:,} {kind}{'' if n == 1 else 's'}" for n, kind in counts if n]
        return ", ".join(shown) or "nothing"

    @property
    def tested(self) -> str:
        """Such as `478 passed, 1 warned`."""
        passed = f"{self.count('test', 'pass'):,} passed"
        return f"{passed}, {len(self.warned):,} warned" if self.warned else passed

    def where(self, data: Path, target: str) -> str:
        """The DuckDB file, or the dataset that most tables went to."""
        if target == "local":
            return as_shown(warehouse(data))
        places = Counter(node.place for node in self.nodes if node.place)
        place = places.most_common(1)[0][0] if places else "nowhere"
        return f"{place} (target {target})"

    def failures(self, data: Path) -> Iterator[str]:
        """What failed, why, and where the log is."""
        skipped = sum(node.status == "skipped" for node in self.nodes)
        beside = f"; skipped {skipped:,} that depend on them" if skipped else ""
        yield f"{len(self.failed):,} of {len(self.nodes):,} failed{beside}"
        yield from _named(self.failed)
        yield f"log: {as_shown(log_file(data))}"
        yield "Fix the cause, then run the same command again."

    def warnings(self) -> Iterator[str]:
        """What the tests that warned found."""
        yield from _named(self.warned)


def _named(nodes: list[Node]) -> Iterator[str]:
    for node in nodes[:_SHOWN]:
        yield f"  {node}"
    if len(nodes) > _SHOWN:
        yield f"  and {len(nodes) - _SHOWN:,} more"


def why(data: Path, exception: BaseException | None) -> str:
    """What stopped dbt, as one line that ends with the path of the log."""
    text = str(exception) if exception else "dbt gave no reason"
    if held := locked(warehouse(data), text):
        return held
    words = " ".join(line for line in _lines(text))
    reason = textwrap.shorten(words or type(exception).__name__, _REASON_LENGTH, placeholder=" …")
    places = f"project: {as_shown(project_dir())}, log: {as_shown(log_file(data))}"
    return f"{reason} ({places})"


def first_reason(message: str) -> str:
    """The first line of dbt's message that is not a heading."""
    return next(iter(_lines(message)), "dbt gave no reason")


def _lines(text: str) -> list[str]:
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not _HEADING.fullmatch(line)]
