#!/bin/sh
# Build the environment of the BigQuery emulator: it needs another DuckDB than the project does.
# Idempotent: done again only when the pinned requirements change. PYTHON may name the interpreter.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
venv="$root/.venv-bqemulator"
pins="$root/requirements/bqemulator.txt"
stamp="$venv/.installed"

if [ -f "$stamp" ] && cmp -s "$pins" "$stamp"; then
    exit 0
fi

echo "setting up the BigQuery emulator in $(basename "$venv")" >&2
"${PYTHON:-python3}" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet --require-hashes --requirement "$pins"
# The emulator loads DuckDB's spatial extension; this unpacks it from its wheel instead of the network.
"$venv/bin/python" -c 'import duckdb_extensions; duckdb_extensions.import_extension("spatial")'
# Imports are two to three times faster from compiled files, also where writing them later is forbidden.
"$venv/bin/python" -m compileall -q "$venv/lib" >/dev/null || true
cp "$pins" "$stamp"
