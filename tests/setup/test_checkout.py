"""Tests that copy the project work from a release's archive, too, which has no git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import checkout
from tests.servers import ROOT


def test_the_same_files_with_and_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = checkout.copy_project(tmp_path / "with git")
    subprocess.run(["touch", archive / ".env", archive / "data" / "log"], check=True)
    (archive / ".venv-of-mine").mkdir()
    (archive / ".venv-of-mine" / "python").touch()
    monkeypatch.setattr(checkout, "ROOT", archive)

    without = set(checkout.own_files())

    monkeypatch.setattr(checkout, "ROOT", ROOT)
    assert without - {Path(".env")} == set(checkout.own_files()) - {Path("data/.gitkeep")}
