"""The other Pythons that are promised: the set-up, a build and the collector's tests on each."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.checkout import copy_project

TESTED = ("3.12", "3.13")


def find_python(version: str) -> Path | None:
    """An interpreter of a version: on PATH, or one of pyenv's."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(pyenv.glob(f"versions/{version}.*/bin"))
    for folder in folders:
        program = folder / f"python{version}"
        # A shim of pyenv is there also when its interpreter is not chosen.
        if (
            program.exists()
            and not subprocess.run([program, "-V"], capture_output=True, check=False).returncode
        ):
            return program
    return None


@pytest.mark.soak
@pytest.mark.parametrize("version", TESTED)
def test_set_up_and_run(version: str, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        if os.environ.get("CI"):
            pytest.fail(f"Python {version} is not installed")
        pytest.skip(f"Python {version} is not installed")
    checkout = copy_project(tmp_path / "checkout")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for command in (
        ["make", "setup-tests"],
        [".venv/bin/dbt", "--quiet", "build"],
        [".venv/bin/python", "-m", "pytest", "-q", "-m", "not soak", "tests/ingest", "tests/setup"],
    ):
        done = subprocess.run(
            command,
            cwd=checkout,
            env=environment | {"PYTHON": str(python)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}\n{done.stderr[-5000:]}"
