"""How many random worlds a test run plays, and which."""

import os

import pytest

PER_BUILD = 20
SOAK_WORLDS = 200
WORLDS = int(os.environ.get("BIOQMS_WORLDS", "40"))
SEED = int(os.environ.get("BIOQMS_SEED", "0"))


def every_build() -> list[object]:
    """Numbers of the builds to play; those beyond BIOQMS_WORLDS are left to `make soak`."""
    usual, soak = (-(-worlds // PER_BUILD) for worlds in (WORLDS, SOAK_WORLDS))
    return [
        pytest.param(build, marks=[] if build < usual else [pytest.mark.soak])
        for build in range(max(usual, soak))
    ]


def first_seed(build: int) -> int:
    """Seed of the first world of a build."""
    return SEED + build * PER_BUILD
