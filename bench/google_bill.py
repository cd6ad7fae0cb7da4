"""What a month costs on Google Cloud: what is billed round the clock, and what grows with events.

    python -m bench.google_bill

Run `bench.bigquery_cost` first: bytes of queries come from its cost.json, bytes of storage from its
sample warehouses. Settings are read from infra/terraform. Prices are list prices for the US in
dollars, as `PRICES` names them; none of them could be checked against a bill.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.bigquery_cost import HISTORY_DAYS, TESTS, VOLUMES
from bench.bigquery_reads import AUDIT, END
from bench.bigquery_sizes import Sizes, World
from bench.process import ROOT
from bench.report import REPORT_WIDTH
from ingest.metrics import FAILURES, RECEIVED, WRITE_SECONDS
from tests.infra.hcl import load

GIB, MIB, TIB = 2**30, 2**20, 2**40
DAYS = 30
SECONDS = DAYS * 86_400


@dataclass(frozen=True)
class Price:
    """Dollars for a unit, past what is free each month, and where it is listed."""

    dollars: float
    unit: str
    free: float
    source: str


RUN = "cloud.google.com/run/pricing"
OBSERVABILITY = "cloud.google.com/stackdriver/pricing"
PUBSUB = "cloud.google.com/pubsub/pricing"
BIGQUERY = "cloud.google.com/bigquery/pricing"
PRICES = {
    "cpu": Price(0.000018, "vCPU-second, instance-based", 240_000, RUN),
    "memory": Price(0.000002, "GiB-second, instance-based", 450_000, RUN),
    "metrics": Price(0.258, "MiB of custom metrics", 150, OBSERVABILITY),
    "uptime": Price(0.0003, "execution of an uptime check", 1_000_000, OBSERVABILITY),
    "logs": Price(0.50, "GiB of logs", 50, OBSERVABILITY),
    "publish": Price(40.0, "TiB published", 10 / 1024, PUBSUB),
    "deliver": Price(50.0, "TiB delivered to BigQuery", 0, PUBSUB),
    "retain": Price(0.27, "GiB-month kept by a topic", 0, PUBSUB),
    "storage": Price(0.02, "GiB-month, active", 10, BIGQUERY),
    "old": Price(0.01, "GiB-month, 90 days unchanged", 0, BIGQUERY),
    "queries": Price(6.25, "TiB scanned, on demand", 1, BIGQUERY),
}

# A day, as infra/terraform schedules them.
BUILDS, AUDITS, CHECKS = 23, 1, 24
# Assumed, since nothing here measures it.
BUILD_SECONDS = 600
CHECK_SECONDS = 60
REGIONS_OF_UPTIME = 6
PEAK = 3
"""Events a second at the busiest, by the mean."""
EVENTS_A_SECOND = 14_700
"""What two cores publish (docs/collector.md)."""
POINT_BYTES = 8
LETTER_BYTES = 200
"""What Pub/Sub counts of a message beside its data: attributes, id, time."""


@dataclass(frozen=True)
class Use:
    """Something that is billed: what it is, how much of which unit, for each volume."""

    what: str
    price: str
    amounts: tuple[float, ...]


def uses(
    volumes: tuple[int, ...],
    terraform: dict[str, Any],
    scanned: dict[int, dict[str, float]],
    stored: dict[int, tuple[float, float]],
    pairs: int,
    event_bytes: float,
    log_bytes: float,
) -> list[Use]:
    """What a month uses at each volume of events a day.

    `stored` are the bytes of events and of everything else; `pairs` are the tenants times the event
    names that a process of the collector sees; `log_bytes` is what a verbose build prints.
    """
    service = terraform["resource"]["google_cloud_run_v2_service"]["collector"]["template"][0]
    container = service["containers"][0]
    limits = container["resources"][0]["limits"]
    cpus, gibs = float(limits["cpu"]), float(limits["memory"].removesuffix("Gi"))
    processes = next(int(e["value"]) for e in container["env"] if e["name"] == "BIOQMS_WORKERS")
    least = service["scaling"][0]["min_instance_count"]
    job = terraform["resource"]["google_cloud_run_v2_job"]["jobs"]["template"][0]["template"][0]
    job_limits = job["containers"][0]["resources"][0]["limits"]
    instances = [max(least, math.ceil(v * PEAK / 86_400 / EVENTS_A_SECOND)) for v in volumes]
    busy = DAYS * ((BUILDS + AUDITS) * BUILD_SECONDS + CHECKS * CHECK_SECONDS)
    points = SECONDS / WRITE_SECONDS * len((RECEIVED, FAILURES)) * processes * pairs
    daily = [
        BUILDS * (sum(scanned[v].values()) - scanned[v][AUDIT])
        + AUDITS * (sum(scanned[v].values()) - scanned[v][TESTS])
        for v in volumes
    ]
    cpu, memory = float(job_limits["cpu"]), float(job_limits["memory"].removesuffix("Gi"))
    sent = [volume * (event_bytes + LETTER_BYTES) for volume in volumes]
    young = 90 / HISTORY_DAYS
    amounts = [
        ("collector: CPU", "cpu", [n * cpus * SECONDS for n in instances]),
        ("collector: memory", "memory", [n * gibs * SECONDS for n in instances]),
        ("jobs: CPU", "cpu", [busy * cpu for _ in volumes]),
        ("jobs: memory", "memory", [busy * memory for _ in volumes]),
        ("collector's metrics", "metrics", [n * points * POINT_BYTES / MIB for n in instances]),
        ("uptime check", "uptime", [REGIONS_OF_UPTIME * SECONDS / 60 for _ in volumes]),
        ("logs of jobs", "logs", [DAYS * (BUILDS + AUDITS) * log_bytes / GIB for _ in volumes]),
        ("publish", "publish", [DAYS * day / TIB for day in sent]),
        ("deliver", "deliver", [DAYS * day / TIB for day in sent]),
        ("topic keeps 7 days", "retain", [7 * day / GIB for day in sent]),
        ("events of 90 days", "storage", [stored[v][0] * young / GIB for v in volumes]),
        ("older events", "old", [stored[v][0] * (1 - young) / GIB for v in volumes]),
        ("other tables", "storage", [stored[v][1] / GIB for v in volumes]),
        ("queries of the jobs", "queries", [DAYS * day / TIB for day in daily]),
    ]
    return [Use(what, price, tuple(amount)) for what, price, amount in amounts]


def dollars(found: list[Use]) -> dict[str, list[float]]:
    """Dollars a month of each use and volume; what is free goes to the first use of its price."""
    bill: dict[str, list[float]] = {}
    free = {(price, n): PRICES[price].free for price in PRICES for n in range(len(VOLUMES))}
    for use in found:
        bill[use.what] = []
        for n, amount in enumerate(use.amounts):
            taken = min(amount, free[use.price, n])
            free[use.price, n] -= taken
            bill[use.what].append((amount - taken) * PRICES[use.price].dollars)
    return bill


def show(volumes: tuple[int, ...], found: list[Use]) -> None:
    """Print dollars a month, by what is billed."""
    table = Table(title="dollars a month, at list prices", title_justify="left")
    table.add_column("what")
    for volume in volumes:
        table.add_column(f"{volume / 1e6:,.0f} M events a day", justify="right")
    table.add_column("unit")
    bill = dollars(found)
    for use in found:
        amounts = (f"{each:,.2f}" for each in bill[use.what])
        table.add_row(use.what, *amounts, PRICES[use.price].unit)
    table.add_section()
    sums = (sum(each) for each in zip(*bill.values(), strict=True))
    table.add_row("all", *(f"{each:,.0f}" for each in sums), "")
    Console(width=REPORT_WIDTH).print(table)


@click.command()
@click.option("--pairs", default=200, show_default=True, help="Tenants times event names.")
@click.option("--log-bytes", default=1_000_000, show_default=True, help="Of a build's log.")
@click.option(
    "--work",
    default=ROOT / ".work" / "bench" / "bigquery",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where bench.bigquery_cost left its files.",
)
def main(pairs: int, log_bytes: int, work: Path) -> None:
    """Compute a month's bill at 1, 100 and 10,000 million events a day."""
    read = json.loads((work / "cost.json").read_text())
    scanned = {int(volume): nodes for volume, nodes in read.items()}
    sizes = Sizes(World(200_000, 60), 10, END, work / f"200000-60-10-{END}")
    volumes = VOLUMES
    stored = {volume: sizes.stored(volume, HISTORY_DAYS) for volume in volumes}
    event_bytes = sizes.message_bytes()
    click.echo(f"a message has {event_bytes:,.0f} bytes")
    terraform = load(ROOT / "infra" / "terraform")
    show(volumes, uses(volumes, terraform, scanned, stored, pairs, event_bytes, log_bytes))


if __name__ == "__main__":
    main()
