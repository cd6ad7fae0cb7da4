"""One demo at a time works in a folder, and only in one that is a demo's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.demo.demos import Demo
from tests.demo.test_ends import MANY, sends
from tests.ingest.collector import BIOQMS, environment
from tests.processes import wait_until


def refusal(data: Path) -> str:
    """What a demo says that does not start."""
    command = [str(BIOQMS), "demo", "--events=1", f"--data={data}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 1
    assert not done.stdout
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


def test_a_second_demo_says_who_works_there_and_leaves_it_alone(tmp_path: Path) -> None:
    with Demo(tmp_path / "demo", events=MANY) as first:
        wait_until(lambda: sends(first.data))
        before = set(first.data.rglob("*"))
        said = refusal(first.data)
        assert f"another demo (process {first.process.pid}) is using {first.data}" in said
        assert "--data" in said
        assert before <= set(first.data.rglob("*"))
        first.send(signal.SIGTERM)
        # The next one empties the folder and starts again.
        with Demo(first.data, events=MANY) as second:
            wait_until(lambda: sends(second.data))
            assert not before & set(second.data.glob("log/date=*/hour=*/*"))


def test_data_that_no_demo_made_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    assert "holds data that is not from a demo" in refusal(tmp_path)
    assert (tmp_path / "mine").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert f"cannot use {tmp_path / 'demo'}: Permission denied" in refusal(tmp_path / "demo")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert f"cannot use {tmp_path / 'file' / 'demo'}: Not a dir" in refusal(
        tmp_path / "file" / "demo"
    )
