"""Every command of the README works as it stands there, in a copy of the checkout."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.checkout import copy_project
from tests.servers import ROOT

# `make test` is what is running now.
NOT_AGAIN = "make test\n"


def commands() -> list[str]:
    """The shell blocks of the README, in order."""
    return re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files, and the environment that the set-up made."""
    copy = copy_project(tmp_path_factory.mktemp("readme") / "checkout")
    (copy / ".venv").symlink_to((ROOT / ".venv").resolve())
    return copy


def run(script: str, cwd: Path) -> str:
    """Run a script as a reader would, stopping at the first command that fails."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("BIOQMS_", "DBT"))
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def test_the_first_two_commands_are_those_of_the_house() -> None:
    assert commands()[:2] == ["make demo\n", NOT_AGAIN]


def test_make_demo_shows_the_marts(checkout: Path) -> None:
    first = run("make demo", checkout)
    for shown in (
        "sent 200,000 = accepted",
        "DAU/MAU",
        "Champion",
        "month 1",
        "Power User",
        "score",
    ):
        assert shown in first


def test_the_rest_of_the_readme_works(checkout: Path) -> None:
    shown = run("\n".join(block for block in commands()[1:] if block != NOT_AGAIN), checkout)
    assert "read 20,000 = accepted" in shown
    assert '"status":"accepted"' in shown.replace('": "', '":"')
    assert "engaged_wau" in shown or "dau" in shown
    page = re.search(r"the documentation: (\S+)", shown)
    assert page
    assert "fct_sessions" in (checkout / page[1]).read_text()
