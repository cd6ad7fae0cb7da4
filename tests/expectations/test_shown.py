"""What a person sees of the gate: a terminal of any width, and a page that needs nothing else."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from expectations import checkpoint, page, report
from expectations.checkpoint import Outcome
from expectations.warehouse import DuckDBWarehouse
from tests.expectations.marts import build
from tests.expectations.test_check import another_hour, hour

# As long as names and numbers of the sample get.
TENANTS = ("tnt_northbridge_cdmo", "tnt_helvetia_biologics", "tnt_lone_star_devices")
LATE = "tnt_late"
HOSTILE = "<script>alert(1)</script>"


def outcome(folder: Path, *changes: str) -> Outcome:
    tenants = [another_hour("2026-03-31 22:00:00", tenant_id=f"'{name}'") for name in TENANTS]
    build(folder, *tenants, *changes)
    return checkpoint.run(DuckDBWarehouse(folder / "warehouse.duckdb"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return outcome(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    late = {"avg_drift_seconds": 614_438.07, "duplicate_events": 200}
    return outcome(
        tmp_path_factory.mktemp("broken"),
        another_hour("2026-03-31 22:00:00", tenant_id=f"'{LATE}'", **late),
        another_hour("2026-03-31 22:00:00", tenant_id=f"'{HOSTILE}'", missing_user_events=1_234),
        "update user_rfm set recency_score = 6",
    )


def shown(outcome: Outcome, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    report.show(outcome, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_a_terminal_of_any_width_shows_every_measure(broken: Outcome, width: int) -> None:
    lines = shown(broken, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    for whole in (*TENANTS, "614,438.07 !!", "12.34 !", "2.00 !", "10,000", "user_rfm"):
        assert whole in text
    for name in (LATE, "user_rfm"):
        (line,) = (line for line in lines if name in line and "alert" in line and ":" not in line)
        assert line
    assert lines[-1] == "quality gate: alert"


@pytest.mark.parametrize("width", [80, 140])
def test_a_sound_world_is_a_row_a_tenant(sound: Outcome, width: int) -> None:
    lines = shown(sound, width)
    for name in TENANTS:
        (line,) = (line for line in lines if name in line)
        assert re.findall(r"[\w,.]+", line) == [
            *(name, "10,000", "0.00", "2.00", "0.00", "100.00", "1.00"),
            *(["100.00"] if width == 140 else []),
            "pass",
        ]
    assert len(lines) < 30


def test_a_narrow_terminal_shows_a_card_a_tenant(sound: Outcome) -> None:
    lines = shown(sound, 40)
    first = next(number for number, line in enumerate(lines) if TENANTS[1] in line)
    assert lines[first].split() == [TENANTS[1], "pass"]
    assert lines[first + 1].split() == ["events", "10,000"]
    assert lines[first + 2].split() == ["duplicate", "pct", "0.00"]


class Page(HTMLParser):
    """The words of a page by element, and what it would load or run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)
        if tag in {"th", "td", "h1", "caption", "title"}:
            self.words.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in ("th", "td", "h1", "caption", "title"):
            if tag in self.open:
                self.words[tag][-1] += data


def test_the_page_says_the_status_first(broken: Outcome, sound: Outcome) -> None:
    for judged, status in ((broken, "alert"), (sound, "pass")):
        html = page.html(judged)
        seen = Page(html)
        assert seen.words["title"] == seen.words["h1"] == [f"Quality gate: {status}"]
        assert html.index("<h1>") < html.index("<table>")
        assert seen.open == []


def test_the_page_holds_every_measure_and_finding(broken: Outcome) -> None:
    seen = Page(page.html(broken))
    assert {*TENANTS, LATE, HOSTILE, "(all)", "user_rfm", "ingestion latency p95"} <= {
        *seen.words["th"]
    }
    assert {"614,438.07 !!", "12.34 !", "alert: at most 60 seconds", "rows break its rule"} <= {
        *seen.words["td"]
    }
    assert len(seen.words["caption"]) == 4
    scopes = [value for tag, name, value in seen.attributes if (tag, name) == ("th", "scope")]
    assert len(scopes) == len(seen.words["th"])
    assert ("html", "lang", "en") in seen.attributes


def test_the_page_loads_and_runs_nothing(broken: Outcome) -> None:
    html = page.html(broken)
    assert "<script" not in html
    assert "url(" not in html and "@import" not in html and "//" not in html
    seen = Page(html)
    assert not {name for _, name, _ in seen.attributes if name == "src" or name.startswith("on")}
    assert [value for _, name, value in seen.attributes if name == "href"] == ["index.html"]
    assert "prefers-color-scheme: dark" in html


def test_nothing_received_is_said_on_the_page(tmp_path: Path) -> None:
    html = page.html(outcome(tmp_path, "delete from event_quality_hourly"))
    assert "Nothing was received" in html
    assert Page(html).words["h1"] == ["Quality gate: alert"]


def test_a_folder_may_be_judged_again(tmp_path: Path) -> None:
    """The page is that of the last run."""
    path = tmp_path / "summary.html"
    for change, status in ((hour(duplicate_events=501), "alert"), ("select 1", "pass")):
        page.write(outcome(tmp_path / status, change), path)
        assert f"<title>Quality gate: {status}</title>" in path.read_text(encoding="utf-8")
