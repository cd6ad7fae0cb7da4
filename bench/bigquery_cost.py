"""What a day costs on BigQuery: the bytes that an increment's statements scan, by volume.

    python -m bench.bigquery_cost

Bytes are computed, not billed: rows and column widths of a sample world on DuckDB, scaled to the
volume, times what the compiled SQL of an increment reads (`bench.bigquery_reads`). Clustering, the
10 MB that a table costs at least, and caches are left out.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.bigquery_reads import AUDIT, END, TEST_DAYS, increment
from bench.bigquery_sizes import Sizes, World
from bench.process import ROOT
from bench.report import REPORT_WIDTH
from tests.bigquery.reads import Read

VOLUMES = (1_000_000, 100_000_000, 10_000_000_000)
HISTORY_DAYS = 730
_TEBIBYTE = 1024**4
_SHOWN = 20
TESTS = f"tests of {TEST_DAYS} days"


@click.command()
@click.option("--events", default=200_000, show_default=True, help="Events of the sample world.")
@click.option("--days", default=60, show_default=True, type=click.IntRange(10))
@click.option("--tenants", default=10, show_default=True, type=click.IntRange(1, 50))
@click.option("--history", default=HISTORY_DAYS, show_default=True, help="Days that are kept.")
@click.option("--touched", default=2, show_default=True, help="Event dates that new rows touch.")
@click.option("--price", default=6.25, show_default=True, help="Dollars for a TiB scanned.")
@click.option(
    "--work",
    default=ROOT / ".work" / "bench" / "bigquery",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where warehouses and cost.json go.  [.work/bench/bigquery]",
)
def main(
    events: int, days: int, tenants: int, history: int, touched: int, price: float, work: Path
) -> None:
    """Compute the bytes of a build at 1, 100 and 10,000 million events a day."""
    click.echo("the SQL of an increment, on the emulator ...", err=True)
    with tempfile.TemporaryDirectory() as folder:
        reads = increment(Path(folder))
    click.echo("the sizes of tables, on DuckDB ...", err=True)
    world = World(events, days)
    sizes = Sizes(world, tenants, END, work / f"{events}-{days}-{tenants}-{END}")
    bytes_read = {volume: cost(reads, sizes, volume, history, touched) for volume in VOLUMES}
    (work / "cost.json").write_text(json.dumps(bytes_read, indent=1) + "\n")
    show(bytes_read, price)


def cost(
    reads: Iterable[Read], sizes: Sizes, events_a_day: float, history: int, touched: int
) -> dict[str, float]:
    """Return the bytes that one build scans, by node, the tests as `TESTS` and `AUDIT`."""
    found: defaultdict[str, float] = defaultdict(float)
    for read in reads:
        rows = sizes.rows(read.table, events_a_day, history)
        if read.days is not None:
            days = touched if read.is_listed else read.days
            rows *= min(1.0, days / history)
        node = TESTS if read.node.startswith("test.") else read.node.rpartition(".")[2] or "dbt"
        found[node] += rows * sizes.row_bytes(read.table, read.columns)
    return dict(found)


def show(bytes_read: dict[int, dict[str, float]], price: float) -> None:
    """Print what a build scans: the costliest nodes, the rest, all."""
    table = Table(title="bytes that one build scans, and its price", title_justify="left")
    table.add_column("node")
    for volume in bytes_read:
        table.add_column(f"{volume / 1e6:,.0f} M events a day", justify="right")
    largest = bytes_read[VOLUMES[1]]
    nodes = sorted(largest, key=lambda node: -largest[node])
    models = [node for node in nodes if node not in {TESTS, AUDIT}]
    for node in models[:_SHOWN]:
        table.add_row(node, *(_human(found[node]) for found in bytes_read.values()))
    rest = models[_SHOWN:]
    table.add_row(
        f"{len(rest)} others",
        *(_human(sum(found[node] for node in rest)) for found in bytes_read.values()),
    )
    table.add_section()
    table.add_row(
        "all models",
        *(_human(sum(found[node] for node in models)) for found in bytes_read.values()),
    )
    for node in (TESTS, AUDIT):
        table.add_row(node, *(_human(found[node]) for found in bytes_read.values()))
    table.add_section()
    for label, left_out in (("a build", AUDIT), ("a build that tests all history", TESTS)):
        dollars = (
            (sum(found.values()) - found[left_out]) / _TEBIBYTE * price
            for found in bytes_read.values()
        )
        table.add_row(f"dollars for {label}", *(f"{each:,.2f}" for each in dollars))
    Console(width=REPORT_WIDTH).print(table)


def _human(number: float) -> str:
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if number < 1000:
            return f"{number:,.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} PB"


if __name__ == "__main__":
    main()
