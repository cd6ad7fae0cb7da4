#!/bin/sh
# Makes .venv-bqemulator, the environment of the BigQuery emulator: it needs another DuckDB than the project does.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python scripts/environment.py .venv-bqemulator requirements/bqemulator.txt --then infra/bqemulator_extension.py
