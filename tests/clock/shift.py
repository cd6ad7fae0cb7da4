"""Another day on the wall clock of a subprocess: a small library, compiled here and preloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers import ServerMissingError

SOURCE = Path(__file__).with_name("shifted_clock.c")
DAY_SECONDS = 86_400


def build(folder: Path) -> Path:
    """Compile the library into a folder.

    Raises ``ServerMissingError`` where there is no C compiler, or no glibc.
    """
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if not compiler or "glibc" not in _libc():
        raise ServerMissingError(
            "There is no shifted wall clock: it needs Linux with glibc (2.30 or newer) and a C "
            "compiler (Debian: gcc)."
        )
    library = folder / "shifted_clock.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
    done = subprocess.run(
        [*command, "-o", str(library), str(SOURCE), "-ldl", "-lpthread"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return library


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        return ""


def environment(library: Path, days: int) -> dict[str, str]:
    """What to add to a process's environment, so that its clock runs so many days ahead."""
    preloaded = " ".join(filter(None, (str(library), os.environ.get("LD_PRELOAD"))))
    return {"LD_PRELOAD": preloaded, "SHIFTED_CLOCK_SECONDS": str(days * DAY_SECONDS)}
