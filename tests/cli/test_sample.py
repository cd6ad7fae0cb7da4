"""The command writes what the function yields, and leaves quietly."""

import subprocess
import sys
from datetime import date, timedelta

from click.testing import CliRunner

from bioqms import sample
from bioqms.cli.sample import sample as command
from bioqms.sample.calendar import yesterday
from tests.sample.conftest import END, ROOT

ARGUMENTS = ["--events", "2500", "--days", "10", "--tenants", "2", "--seed", "4"]


def test_writes_the_events_one_a_line() -> None:
    result = CliRunner().invoke(command, [*ARGUMENTS, "--end", str(END)])
    assert result.exit_code == 0
    assert result.stdout_bytes.splitlines() == list(sample.events(2_500, 10, 2, 4, END))


def test_ends_yesterday_unless_told() -> None:
    assert date.today() - timedelta(days=2) <= yesterday() <= date.today()
    lines = list(sample.events(500, 2, 1, 4))
    assert lines[-1][-26:-16].decode() <= str(yesterday())


def test_refuses_what_makes_no_sense() -> None:
    for wrong in (["--events", "-1"], ["--days", "0"], ["--tenants", "51"], ["--end", "today"]):
        assert CliRunner().invoke(command, wrong).exit_code == 2


def test_a_reader_that_leaves_is_no_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "bioqms", "sample", "--events", "50000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    assert writer.stdout.readline().startswith(b'{"event_id":')
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait(timeout=60) == 0
