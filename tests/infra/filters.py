"""The filters that alerts and charts give to Cloud Monitoring, with Terraform's names filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.hcl import STRING

_FILTER = re.compile(rf"\b(?:denominator_)?filter\s*=\s*(local\.\w+|{STRING})")
_ALIGNER = re.compile(r'(?:per_series_aligner|perSeriesAligner)\s*=\s*"(\w+?)(?:\$\{\w+\})?"')
_GROUPS = re.compile(r"(?:group_by_fields|groupByFields)\s*=\s*\[([^\]]*)\]")
_NAMED = re.compile(r'\$\{(local\.\w+|google_\w+\.\w+(?:\["?\w+"?\])?\.\w+)\}')


@dataclass(frozen=True)
class Reading:
    """One filter, and how its series are aligned and grouped."""

    filter: str
    aligner: str | None
    groups: tuple[str, ...]

    @property
    def metric(self) -> str | None:
        """The type of the metric, if it is not a filter of logs."""
        found = re.search(r'metric\.type = "([^"]+)"', self.filter)
        return found.group(1) if found else None

    @property
    def resource(self) -> str | None:
        """The type of the monitored resource."""
        found = re.search(r'resource\.type = "([^"]+)"', self.filter)
        return found.group(1) if found else None

    def labels(self, of: str) -> set[str]:
        """The labels of the `metric` or of the `resource` that it filters or groups by."""
        text = " ".join((self.filter, *self.groups))
        return set(re.findall(rf"\b{of}\.labels?\.(\w+)", text))


def readings(file: Path, config: dict[str, Any]) -> Iterator[Reading]:
    """Yield every filter of a file of Terraform."""
    text = file.read_text()
    matches = list(_FILTER.finditer(text))
    for number, match in enumerate(matches):
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        if "denominator_filter" in text[match.end() : end]:  # both come before their aggregations
            end = len(text)
        aligner = _ALIGNER.search(text, match.end())
        groups = _GROUPS.search(text, match.end(), end)
        value = match.group(1)
        source = value[1:-1] if value.startswith('"') else f"${{{value}}}"
        yield Reading(
            filter=filled(source, config),
            aligner=aligner.group(1).rstrip("_") if aligner else None,
            groups=tuple(re.findall(r'"([^"]+)"', groups.group(1))) if groups else (),
        )


def filled(text: str, config: dict[str, Any]) -> str:
    """Fill in locals and names of resources, until none is left that is known."""
    before = None
    while before != text:
        before = text
        text = _NAMED.sub(lambda match: _value(match, config), text)
    return text.replace('\\"', '"')


def _value(match: re.Match[str], config: dict[str, Any]) -> str:
    path = match.group(1)
    if path.startswith("local."):
        value = config["locals"].get(path.removeprefix("local."))
        return value if isinstance(value, str) else match.group(0)
    kind, name, attribute = re.sub(r"\[.*\]", "", path).split(".")
    value = config["resource"].get(kind, {}).get(name, {}).get(attribute)
    key = re.search(r'\["?(\w+)"?\]', path)
    if isinstance(value, str):
        return re.sub(r"\$\{each\.key\}", key.group(1) if key else "", value)
    return match.group(0)
