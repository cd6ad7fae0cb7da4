#!/bin/sh
# Makes .venv-duckdb-oldest, the environment of the oldest DuckDB client that must read the warehouse.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/environment.py .venv-duckdb-oldest requirements/duckdb-oldest.txt
