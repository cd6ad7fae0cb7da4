"""Files and folders as the collector makes them: private, and still there after a power cut.

Others than the owner's group cannot read them: events are not everybody's business.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

FILE_MODE = 0o640
FOLDER_MODE = 0o750


def make_folder(folder: Path) -> None:
    """Make a folder and the parents that it lacks, each with FOLDER_MODE. Raises OSError."""
    try:
        folder.mkdir(FOLDER_MODE)
    except FileNotFoundError:
        # Path.mkdir(parents=True) would give the parents the default mode.
        make_folder(folder.parent)
        make_folder(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise


def create_file(path: Path, flags: int = os.O_TRUNC) -> int:
    """Open a file for writing, with FILE_MODE if it is new; `flags` add to that. Raises OSError."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, FILE_MODE)


def open_new(path: Path) -> BinaryIO:
    """Open a file for writing from its start. Raises OSError."""
    return os.fdopen(create_file(path), "wb")


def sync_directory(directory: Path) -> None:
    """Make what was created, renamed or removed in a directory survive a power cut."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
