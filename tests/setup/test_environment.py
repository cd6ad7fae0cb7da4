"""The set-up installs what a lock names, whatever was released since and whatever surrounds it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.setup.index import Index

SETUP = ROOT / "scripts" / "environment.py"


@pytest.fixture(params=["uv", "pip"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A PATH on which uv is, or is not: the index below has none, so pip does the work there."""
    programs = tmp_path / "programs"
    programs.mkdir()
    if request.param == "uv":
        own = Path(sys.prefix) / "uv" / "bin" / "uv"
        uv = str(own) if own.exists() else shutil.which("uv")
        if uv is None:
            if os.environ.get("CI"):
                pytest.fail("the set-up found no uv: is there no wheel for this machine?")
            pytest.skip("uv has no wheel for this machine")
        (programs / "uv").symlink_to(uv)
    return f"{programs}:/usr/bin:/bin"


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """An index that has a newer release of `pinned` than the lock names."""
    return Index(tmp_path / "index")


@pytest.fixture
def lock(index: Index, tmp_path: Path) -> Path:
    """A complete lock. Its extras are why pip's resolver once asked for `pinned` again."""
    old = index.add("pinned", "1.0")
    index.add("pinned", "2.0", requires=("unknown",))
    asks = index.add("asks", "1.0", requires=("pinned>=0.9", "pinned[one]", "pinned[two]"))
    file = tmp_path / "lock.txt"
    file.write_text(
        f"asks==1.0 --hash={asks}\n"
        f"pinned[one]==1.0 --hash={old}\n"
        f"pinned[two]==1.0 --hash={old}\n"
        f"never==9 ; python_version < '3' --hash={old}\n"
    )
    return file


def surroundings(index: Index, path: str, home: Path, **more: str) -> dict[str, str]:
    """The environment of a set-up on somebody's machine."""
    home.mkdir(exist_ok=True)
    return {"PATH": path, "HOME": str(home), "PIP_INDEX_URL": index.url} | more


def setup(
    folder: Path, lock: Path, environment: dict[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run the set-up's own command."""
    return subprocess.run(
        [sys.executable, str(SETUP), str(folder), str(lock), *options],
        env=environment,
        cwd=folder.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def versions(folder: Path) -> str:
    """The versions that an environment can import."""
    return subprocess.run(
        [
            folder / "bin" / "python",
            "-c",
            "import asks, pinned; print(asks.version, pinned.version)",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_newer_release_changes_nothing(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    folder = tmp_path / "Käse und Brot" / ".venv"
    folder.parent.mkdir()
    environment = surroundings(index, path, tmp_path / "home")

    done = setup(folder, lock, environment)

    assert done.returncode == 0, done.stderr
    assert versions(folder) == "1.0 1.0"
    again = setup(folder, lock, environment)
    assert (again.returncode, again.stderr) == (0, ""), "the second run has nothing to do"

    lock.write_text(lock.read_text().replace("asks==1.0", "asks==1.1"))
    changed = setup(folder, lock, environment)
    assert changed.returncode == 1, "a lock that changed is installed again"
    assert "the whole log is" in changed.stderr
    assert setup(folder, lock, environment).returncode == 1, "a failed set-up does not count"


def test_the_callers_settings_say_where_from_but_not_what(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    """pip's files name the mirror, for uv as well; versions, folders and options are the lock's."""
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("pinned<1\n")
    config = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"[global]\nindex-url = {index.url}\nconstraint = {constraints}\n"
        f"[install]\nuser = true\nextra-index-url =\n    {index.url}\n    {index.url}/\n"
    )
    environment = surroundings(
        index,
        path,
        tmp_path / "home",
        PIP_TARGET=str(tmp_path / "elsewhere"),
        UV_EXCLUDE_NEWER="2001-01-01",
        UV_CONSTRAINT=str(constraints),
        UV_SYSTEM_PYTHON="1",
    )
    del environment["PIP_INDEX_URL"]

    done = setup(tmp_path / ".venv", lock, environment)

    assert done.returncode == 0, done.stderr
    assert versions(tmp_path / ".venv") == "1.0 1.0"
    assert not (tmp_path / "elsewhere").exists()


def test_a_home_that_cannot_be_written_is_not_needed(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    environment = surroundings(index, path, tmp_path / "home")
    environment["HOME"] = str(tmp_path / "file" / "home")
    done = setup(tmp_path / ".venv", lock, environment)
    assert done.returncode == 0, done.stderr
    assert versions(tmp_path / ".venv") == "1.0 1.0"


def test_a_lock_that_is_not_closed_is_an_error(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    first, *others = lock.read_text().splitlines(keepends=True)
    lock.write_text(first)
    assert others
    done = setup(tmp_path / ".venv", lock, surroundings(index, path, tmp_path / "home"))
    assert done.returncode == 1
    assert "pinned" in done.stderr


def test_a_wheel_that_was_changed_is_an_error(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    lock.write_text(lock.read_text().replace("sha256:", "sha256:0")[:-1])
    done = setup(tmp_path / ".venv", lock, surroundings(index, path, tmp_path / "home"))
    assert done.returncode == 1


def test_two_at_once_wait_for_each_other(
    index: Index, lock: Path, path: str, tmp_path: Path
) -> None:
    """The second one finds what the first has made."""
    then = tmp_path / "then.py"
    then.write_text(f"open({str(tmp_path / 'made')!r}, 'a').write('once ')\n")
    command = [sys.executable, str(SETUP), str(tmp_path / ".venv"), str(lock), "--then", str(then)]
    environment = surroundings(index, path, tmp_path / "home")
    running = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert (tmp_path / "made").read_text() == "once "


def test_too_old_a_python_is_told(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "setup.sh"
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": "/bin/false"}
    done = subprocess.run(
        ["sh", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Python 3.11 to 3.14 is needed, and /bin/false is not that" in done.stderr
