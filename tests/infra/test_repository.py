"""The repository's own files: one version, a changelog, secrets that git ignores, CI's actions."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioqms import __version__
from tests.servers import ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "bench").glob("*.md")]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


# ---------- the version


def test_all_parts_have_one_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert yaml.safe_load((ROOT / "dbt_project.yml").read_text())["version"] == __version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "bioqms.__version__"}
    assert "version" in project["project"]["dynamic"]
    assert version(project["project"]["name"]) == __version__, "run `make setup`"


def test_the_command_says_its_version_where_it_is_not_installed(tmp_path: Path) -> None:
    """As in the images, which hold the folders and no package of this name."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from bioqms.cli import main; main()"
    hide = "import importlib.metadata as m; m.version = lambda name: 1 / 0; "
    said = subprocess.run(
        [sys.executable, "-c", hide + script, "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout.split()[-1:] == [__version__], said.stderr


def test_the_changelog_tells_of_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"(?m)^## (.*)$", text)
    assert headings[0] == "[Unreleased]"
    form = re.compile(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)")
    releases = [form.fullmatch(heading) for heading in headings[1:]]
    found = [(one[1], one[2]) for one in releases if one]
    assert len(found) == len(releases)
    assert found[0][0] == __version__
    assert [day for _, day in found] == sorted((day for _, day in found), reverse=True)
    kinds = set(re.findall(r"(?m)^### (.*)$", text))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


# ---------- secrets and state


# By their names, and whatever a command of the docs writes into a file of the checkout.
NAMED = re.compile(
    r"[\w./-]*(?:\.(?:key|pem|tfvars|tfstate|env)\b|keys\.(?:json|toml|ya?ml)\b)(?!\w)"
)
WRITTEN = re.compile(r">\s*([\w./-]+)(?=\s|$)")
# What tools write beside what the docs name.
STATE = {
    ".env",
    ".env.production",
    "infra/terraform/.terraform/providers/x",
    "infra/terraform/terraform.tfstate",
    "infra/terraform/terraform.tfstate.backup",
    "my-service-account.json",
}


def secrets_of_the_docs() -> set[str]:
    """The files that a reader of the docs makes in the checkout."""
    found = set(STATE)
    for page in PAGES:
        text = page.read_text()
        found |= set(NAMED.findall(text))
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            found |= set(WRITTEN.findall(block))
    return {name for name in found if not name.startswith("/")}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds our .gitignore, and nothing of this machine's settings."""
    folder = tmp_path_factory.mktemp("ignored")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    return folder


def ignored(repository: Path, name: str) -> bool:
    command = ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--quiet", name]
    return subprocess.run(command, cwd=repository, check=False).returncode == 0


def test_git_ignores_every_secret_that_the_docs_have_you_write(repository: Path) -> None:
    names = secrets_of_the_docs()
    assert {"write-keys.json", "infra/terraform/terraform.tfvars", "pseudonym.key"} <= names
    assert {name for name in names if not ignored(repository, name)} == set()


def test_git_ignores_nothing_that_belongs_to_the_project(repository: Path) -> None:
    """A pattern that is too wide would keep a new file out of a commit unseen."""
    for folder in ("bioqms", "ingest", "models", "macros", "seeds", "tests", "docs", "infra"):
        for file in (ROOT / folder).rglob("*"):
            name = file.relative_to(ROOT).as_posix()
            if file.is_file() and "__pycache__" not in name and ".terraform" not in name:
                assert not ignored(repository, name) or re.search(NAMED, name), name


# ---------- CI


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_with_its_release_beside_it(workflow: Path) -> None:
    used = re.findall(r"(?m)uses: (.*)$", workflow.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_ci_makes_the_environment_with_the_python_that_it_set_up() -> None:
    [ci] = [step for step in steps(ROOT / ".github/workflows/ci.yml") if ".ci/run" in str(step)]
    assert ci["env"]["PYTHON"] == "${{ steps.python.outputs.python-path }}"
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert [step["id"] for step in jobs["test"]["steps"] if step.get("id")] == ["python"]


def test_ci_builds_every_image() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    dockerfile = (ROOT / "infra" / "Dockerfile").read_text()
    assert set(jobs["images"]["strategy"]["matrix"]["target"]) == set(
        re.findall(r"(?m)^FROM base AS (\w+)$", dockerfile)
    )


def test_ci_builds_on_the_digest_that_it_found_and_validates_terraform() -> None:
    """Digests and the providers' hashes cannot be had offline: CI finds them."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert jobs["images"]["needs"] == "pins"
    assert jobs["images"]["env"]["BASE"] == "${{ needs.pins.outputs.base }}"
    assert '--build-arg "BASE=$BASE"' in str(jobs["images"]["steps"])
    assert "State.Health.Status" in str(jobs["images"]["steps"])
    commands = [step["run"] for step in jobs["terraform"]["steps"] if "run" in step]
    assert [one.partition(" -")[0] for one in commands[:4]] == [
        "terraform fmt", "terraform init", "terraform validate", "terraform providers lock",
    ]  # fmt: skip
    assert "sha256:" not in (ROOT / "infra" / "Dockerfile").read_text().split("ARG BASE=")[1]


def test_dependabot_looks_where_versions_stand() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    found = {update["package-ecosystem"]: update["directory"] for update in updates}
    assert found == {"github-actions": "/", "pip": "/requirements", "docker": "/infra"}
    assert list((ROOT / "requirements").glob("*.txt"))
    assert (ROOT / "infra" / "Dockerfile").is_file()
