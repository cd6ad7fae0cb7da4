#!/bin/sh
# Makes .venv-bench, the environment of the engine that the benchmarks compare with: about 600 MB.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/environment.py .venv-bench requirements/bench.txt
