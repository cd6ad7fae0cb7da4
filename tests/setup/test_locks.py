"""Each lock is complete for every Python that it is for, and names no place to load from."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import ROOT

LOCKS = {
    "runtime": ".venv",
    "dev": ".venv",
    "bqemulator": ".venv-bqemulator",
    "duckdb-oldest": ".venv-duckdb-oldest",
    "uv": ".venv",
}
"""Each lock, and the environment in which its packages lie: their requirements are read there."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}
MACHINES = ("x86_64", "aarch64", "arm64")


def pins(lock: str) -> list[Requirement]:
    """The lines of a lock, without hashes."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    lines = re.findall(r"(?m)^[A-Za-z0-9][^\n\\]*", text)
    return [Requirement(line) for line in lines]


def installed(environment: str) -> dict[tuple[str, str], Distribution]:
    """What lies in an environment, by name and version."""
    [packages] = (ROOT / environment / "lib").glob("python*/site-packages")
    found = list(distributions(path=[str(packages)]))
    # uv lies beside the packages that it installs.
    apart = ROOT / environment / "uv"
    found += distributions(path=[str(apart)]) if apart.exists() else []
    return {(canonicalize_name(one.name), one.version): one for one in found}


def surroundings() -> Iterator[tuple[str, dict[str, str]]]:
    """Every interpreter and system that the locks are for, as markers see them."""
    for python in PYTHONS:
        for platform, facts in PLATFORMS.items():
            for machine in MACHINES:
                environment = {name: str(value) for name, value in default_environment().items()}
                environment |= facts | {
                    "python_version": python,
                    "python_full_version": f"{python}.0",
                    "implementation_version": f"{python}.0",
                    "platform_machine": machine,
                }
                yield f"{python} {platform} {machine}", environment


def holds(requirement: Requirement, environment: dict[str, str], extra: str = "") -> bool:
    """Whether a line or a requirement concerns these surroundings."""
    return requirement.marker is None or requirement.marker.evaluate(environment | {"extra": extra})


@pytest.mark.parametrize("lock", LOCKS)
def test_each_lock_is_closed(lock: str) -> None:
    found = installed(LOCKS[lock])
    missing: set[str] = set()
    unread: set[str] = set()
    for where, environment in surroundings():
        active = [pin for pin in pins(lock) if holds(pin, environment)]
        versions = {
            canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in active
        }
        assert len(versions) == len(active), f"{where}: a package is pinned twice"
        for pin in active:
            name = canonicalize_name(pin.name)
            distribution = found.get((name, versions[name]))
            if distribution is None:
                unread.add(f"{name}=={versions[name]}")
                continue
            for text in distribution.requires or []:
                needed = Requirement(text)
                if not any(holds(needed, environment, extra) for extra in ("", *pin.extras)):
                    continue
                have = versions.get(canonicalize_name(needed.name))
                if have is None or not needed.specifier.contains(have, prereleases=True):
                    missing.add(f"{where}: {pin.name} needs {needed}, pinned: {have}")
    assert not missing
    # What only another Python gets lies in no environment here: `make soak` makes those.
    elsewhere = {
        f"{canonicalize_name(pin.name)}=={next(iter(pin.specifier)).version}"
        for pin in pins(lock)
        if not holds(pin, {name: str(value) for name, value in default_environment().items()})
    }
    assert unread <= elsewhere


def test_no_lock_names_an_index() -> None:
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        text = file.read_text()
        assert "://" not in text, file.name
        for option in ("index-url", "find-links", "trusted-host"):
            assert option not in text, file.name
        for pin in re.findall(r"(?m)^[A-Za-z0-9].*(?:\n .*)*", text):
            assert "--hash=sha256:" in pin, pin


def test_every_lock_is_checked() -> None:
    files = {file.stem for file in (ROOT / "requirements").glob("*.txt")}
    # chdb's 600 MB are installed for benchmarks only.
    assert files == {*LOCKS, "bench"}


def test_the_images_get_what_was_tested() -> None:
    tested = {(pin.name, str(pin.specifier)) for pin in pins("dev")}
    assert {(pin.name, str(pin.specifier)) for pin in pins("runtime")} <= tested


def test_this_python_is_one_that_is_promised() -> None:
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in PYTHONS
    project = (ROOT / "pyproject.toml").read_text()
    assert 'requires-python = ">=3.11"' in project
    assert Path(sys.prefix).resolve() == (ROOT / ".venv").resolve()
