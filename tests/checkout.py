"""A copy of the project's own files, as somebody who fetched them has it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.servers import ROOT

# What the commands make in a folder that git does not describe: a release's archive has no .git.
MADE = re.compile(r"\.venv.*|\.work|\.git|target|logs|__pycache__|.*\.egg-info|\.\w+_cache|data")


def own_files() -> list[Path]:
    """The project's files, relative to its folder: those that git tracks, where there is git."""
    if (ROOT / ".git").exists():
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
        # A file that is deleted, and not committed yet, is listed too.
        return sorted({Path(name) for name in names if name and (ROOT / name).exists()})
    return sorted(_walk(ROOT))


def _walk(folder: Path) -> Iterable[Path]:
    for entry in folder.iterdir():
        if MADE.fullmatch(entry.name) and (folder == ROOT or entry.name == "__pycache__"):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        else:
            yield entry.relative_to(ROOT)


def copy_project(to: Path) -> Path:
    """Copy the project's files into a new folder and return it."""
    for name in own_files():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name, follow_symlinks=False)
    (to / "data").mkdir(exist_ok=True)
    return to
