"""Make a virtual environment hold exactly what a lock names.

    python scripts/environment.py .venv requirements/dev.txt --project

Nothing is resolved, so no new release can break it. uv installs the lock (the one on PATH, or the
release that requirements/uv.txt names); where uv has no wheel, pip does, more slowly. Both use the
package index, the mirror and the certificates that pip is set up with. A second run does nothing
until the lock, the interpreter or this file changes; two runs at once wait for each other. Only
the standard library is used: nothing is installed yet.
"""

from __future__ import annotations

import argparse
import ast
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_LOCK = ROOT / "requirements" / "uv.txt"
OLDEST_UV = (0, 5, 0)
"""The oldest uv on PATH that is used: it knows `--require-hashes` and UV_DEFAULT_INDEX."""

STAMP = "made-from"
"""A file of the environment: the digest of what it was made from. It is written last."""

KEPT_UV_SETTINGS = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_\w+_(USERNAME|PASSWORD)|FIND_LINKS"
    r"|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS|HTTP_TIMEOUT|CACHE_DIR|LINK_MODE"
    r"|OFFLINE|CONCURRENT_\w+)"
)
"""What the caller may tell uv: where packages come from. What to install, only the lock says."""

# pip's option, as `pip config list` names it: the variable that hands it to pip, and to uv.
PASSED_ON = {
    "index-url": ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
    "extra-index-url": ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
    "find-links": ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
    "no-index": ("PIP_NO_INDEX", "UV_NO_INDEX"),
    "trusted-host": ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST"),
    "cert": ("PIP_CERT", "SSL_CERT_FILE"),
    "client-cert": ("PIP_CLIENT_CERT", "SSL_CLIENT_CERT"),
    "proxy": ("PIP_PROXY", "ALL_PROXY"),
    "timeout": ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT"),
    "default-timeout": ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT"),
    "keyring-provider": ("PIP_KEYRING_PROVIDER", "UV_KEYRING_PROVIDER"),
}


class SetupError(Exception):
    """The environment was not made; the message says why and what to do next."""


def main() -> int:
    """Run the command; the exit status is 1 if the environment could not be made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the environment")
    parser.add_argument("lock", type=Path, help="a requirements file with versions and hashes")
    parser.add_argument("--project", action="store_true", help="install this project too, editable")
    parser.add_argument("--then", type=Path, help="a file that the environment's Python runs last")
    options = parser.parse_args()
    try:
        make(options.folder, options.lock, project=options.project, then=options.then)
    except SetupError as problem:
        say(str(problem))
        return 1
    return 0


def make(folder: Path, lock: Path, *, project: bool = False, then: Path | None = None) -> None:
    """Make the environment `folder` hold the packages of `lock`, unless it does already.

    `project` installs this project into it, editable; `then` is a Python file that the environment
    runs before it counts as made. Raises SetupError.
    """
    # A symlinked environment belongs to another checkout: check and create it in its real place.
    folder = folder.resolve()
    wanted = _digest(folder, lock, project, then)
    if _is_made(folder, wanted):
        return
    with _alone(folder):
        if _is_made(folder, wanted):
            return
        packages = len(re.findall(r"(?m)^[\w.-]+(?:\[.*?\])?==", lock.read_text()))
        say(f"making {folder.name}: {packages} packages, once")
        with _log() as log:
            _make(folder, lock, project, then, log)
        (folder / STAMP).write_text(wanted)
        say(f"{folder.name} is ready")


def say(line: str) -> None:
    """Tell the process that waits."""
    print(f"setup: {line}", file=sys.stderr, flush=True)


def _digest(folder: Path, lock: Path, project: bool, then: Path | None) -> str:
    """What the environment is made from: interpreter, place, lock, these steps."""
    files = [lock, UV_LOCK, Path(__file__)]
    files += [ROOT / "pyproject.toml"] if project else []
    files += [then] if then else []
    state = hashlib.sha256(f"{sys.version}\n{folder}\n".encode())
    for file in files:
        state.update(file.read_bytes())
    return state.hexdigest()


def _is_made(folder: Path, wanted: str) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text() == wanted


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder's set-up; the kernel frees it when this process ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another set-up makes {folder.name}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _log() -> Iterator[Path]:
    """A file for what the steps print; it stays only if one of them fails."""
    descriptor, name = tempfile.mkstemp(prefix="bioqms-setup-", suffix=".log")
    os.close(descriptor)
    yield Path(name)
    Path(name).unlink()


def _make(folder: Path, lock: Path, project: bool, then: Path | None, log: Path) -> None:
    settings = _pip_settings()
    try:
        # Not only `EnvBuilder(clear=True)`: a half-made environment has no stamp.
        (folder / STAMP).unlink(missing_ok=True)
        venv.create(folder, clear=True, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(
            f"Python cannot make {folder} ({error}). Where Python is the system's, install its "
            "package for environments (Debian: python3-venv), and run this again"
        ) from None
    # It must not show in a copy of the project's folder, or in `git status`.
    (folder / ".gitignore").write_text("*\n")
    python = folder / "bin" / "python"
    uv = _uv(python, folder, settings, log)
    if uv:
        _run(
            [uv, "pip", "sync", "--python", python, "--require-hashes", "--compile-bytecode", lock],
            _uv_environment(settings),
            log,
        )
        if project:
            _run(
                [
                    uv,
                    "pip",
                    "install",
                    "--python",
                    python,
                    "--no-deps",
                    "--no-build-isolation",
                    "--editable",
                    ROOT,
                ],
                _uv_environment(settings),
                log,
            )
        _run([uv, "pip", "check", "--python", python], _uv_environment(settings), log)
    else:
        pip = [python, "-m", "pip"]
        say("there is no uv for this machine: pip takes a minute or two")
        _run(
            [*pip, "install", "--no-deps", "--require-hashes", "--requirement", lock],
            _pip_environment(settings),
            log,
        )
        if project:
            _run(
                [*pip, "install", "--no-deps", "--no-build-isolation", "--editable", ROOT],
                _pip_environment(settings),
                log,
            )
        _run([*pip, "check"], _pip_environment(settings), log)
    if then:
        _run([python, then], os.environ, log)


def _run(command: list[str | Path], environment: Mapping[str, str], log: Path) -> None:
    """Run a step quietly. Raises SetupError with the last lines of what it said."""
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            check=False,
        )
    if done.returncode:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise SetupError(f"{last}\nsetup: failed; the whole log is {log}")


def _pip_settings() -> dict[str, str]:
    """What pip is set up with on this machine: its files and variables, the latter first."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, str] = {}
    sections = ("global", "install", ":env:")
    for section in sections:
        for line in done.stdout.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(f"{section}."):
                option = name.removeprefix(f"{section}.").replace("_", "-")
                if option in PASSED_ON:
                    # Several values of one option stand on lines of their own in pip's files.
                    found[option] = " ".join(str(ast.literal_eval(value)).split())
    return found


def _pip_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, with those of pip's settings that say where packages come from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    kept |= {PASSED_ON[option][0]: value for option, value in settings.items()}
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _uv_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The same for uv, which reads none of pip's settings. What the caller told uv itself wins."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("UV_") or KEPT_UV_SETTINGS.fullmatch(name)
    }
    passed = {PASSED_ON[option][1]: value for option, value in settings.items()}
    # pip takes a version from whichever index has it; the hashes say that it is the right one.
    fixed = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NO_PROGRESS": "1"}
    return passed | kept | fixed | ({} if _has_cache(kept) else {"UV_NO_CACHE": "1"})


def _has_cache(environment: Mapping[str, str]) -> bool:
    """Whether uv can write where it keeps what it downloads; where it cannot, it stops."""
    try:
        home = environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        cache = Path(environment.get("UV_CACHE_DIR") or Path(home) / "uv")
        cache.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache).close()
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return False
    return True


def _uv(python: Path, folder: Path, settings: Mapping[str, str], log: Path) -> Path | None:
    """uv: the one on PATH if it is new enough, else the pinned one; None where it has no wheel."""
    if (found := shutil.which("uv")) and _uv_version(found) >= OLDEST_UV:
        return Path(found)
    # Beside the environment's packages, not among them: `uv pip sync` removes what no lock names.
    apart = folder / "uv"
    try:
        _run(
            [
                python,
                "-m",
                "pip",
                "install",
                "--no-deps",
                "--require-hashes",
                "--only-binary=:all:",
                "--target",
                apart,
                "--requirement",
                UV_LOCK,
            ],
            _pip_environment(settings),
            log,
        )
    except SetupError:
        return None
    return apart / "bin" / "uv"


def _uv_version(program: str) -> tuple[int, ...]:
    """The version of a uv; (0,) if it does not say."""
    try:
        said = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    except OSError:
        return (0,)
    numbers = re.match(r"uv (\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, numbers.groups())) if numbers else (0,)


if __name__ == "__main__":
    sys.exit(main())
