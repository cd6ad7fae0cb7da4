"""The environment that tests run in: the caller's, without what could make them fail or do harm."""

from __future__ import annotations

from collections.abc import Mapping

from bioqms.demo.children import SETTINGS

KEPT = {
    "BIOQMS_WORLDS",
    "BIOQMS_SEED",  # which random worlds are played
    "DBT_TARGET_PATH",
    "DBT_LOG_PATH",  # the Makefile's: dbt writes nothing among the sources
    "PUBSUB_EMULATOR_HOST",  # an emulator that runs already
}
TERMINAL = {"COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
LOOPBACK = "127.0.0.1,localhost"

DEAD = "http://127.0.0.1:9"
HOSTILE = {
    **dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"), DEAD),
    "no_proxy": "",
    "NO_PROXY": "",
    "BIOQMS_TARGET": "prod",
    "BIOQMS_SINK": "pubsub",
    "BIOQMS_HOST": "0.0.0.0",  # noqa: S104 - what must not be obeyed
    "BIOQMS_SEED": "7",
    "DBT_TARGET": "prod",
    "DBT_TARGET_PATH": "elsewhere",
    "GOOGLE_CLOUD_PROJECT": "production",
    "COLUMNS": "10",
    "FORCE_COLOR": "1",
    "PYTHONPATH": "/nowhere",
}
"""What somebody who works on production may have in their shell, behind a proxy that is dead."""


def sheltered(environment: Mapping[str, str]) -> dict[str, str]:
    """Without settings of production and of the terminal; a proxy is not asked for the loopback."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in KEPT or not (name.startswith(SETTINGS) or name in TERMINAL)
    }
    exempt = environment.get("no_proxy") or environment.get("NO_PROXY")
    no_proxy = f"{exempt},{LOOPBACK}" if exempt else LOOPBACK
    return kept | {"no_proxy": no_proxy, "NO_PROXY": no_proxy}
