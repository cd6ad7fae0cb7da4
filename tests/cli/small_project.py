"""A dbt project of a few tables, so that the command itself can be watched."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.ingest.collector import BIOQMS, environment
from tests.servers import ROOT

MODELS = {
    "words": "select 1 as id, 'one' as word",
    "letters": "select id, unnest(string_split(word, '')) as letter from {{ ref('words') }}",
    "counts": "select letter, count(*) as n from {{ ref('letters') }} group by letter",
}
TESTS = {
    "every_word_has_letters": """
        select * from {{ ref('words') }} where id not in (select id from {{ ref('letters') }})
    """,
    "every_count_has_a_letter": """
        select * from {{ ref('counts') }}
        where letter not in (select letter from {{ ref('letters') }})
    """,
    "no_letter_e": """
        {{ config(severity='warn') }} select * from {{ ref('counts') }} where letter = 'e'
    """,
}
NEVER = "select count(*) as n from range(1000000) a, range(1000000) b where a.range = -b.range - 1"
"""A query that nobody waits for."""


class SmallProject:
    """Its folder, a data folder beside it, and the command on both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.data = folder / "data"
        self.warehouse = self.data / "warehouse.duckdb"
        self.log = self.data / "dbt" / "logs" / "dbt.log"
        for name in ("models", "tests"):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(ROOT / "profiles.yml", self.folder)
        (self.folder / "dbt_project.yml").write_text(
            "name: small\nversion: '1.0'\nprofile: bioqms\n"
            "flags: {send_anonymous_usage_stats: false}\n"
        )
        for name, sql in MODELS.items():
            self.write("models", name, sql)
        for name, sql in TESTS.items():
            self.write("tests", name, sql)

    def write(self, folder: str, name: str, sql: str) -> None:
        """Add or replace a model or a test."""
        (self.folder / folder / f"{name}.sql").write_text(sql)

    def environment(self, **env: str) -> dict[str, str]:
        """What the command needs to know, and nothing of the caller's settings."""
        own = {"BIOQMS_PROJECT": str(self.folder), "BIOQMS_DATA": str(self.data), "TERM": "xterm"}
        kept = {n: value for n, value in environment().items() if not n.startswith("DBT_")}
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
            kept.pop(name, None)
        return kept | own | env

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `bioqms` with no terminal."""
        return subprocess.run(
            [BIOQMS, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=self.folder.parent,
            env=self.environment(**env),
        )
