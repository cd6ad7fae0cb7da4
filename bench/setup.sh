#!/bin/sh
# Make the environment of the engine that the benchmarks compare with; does nothing when nothing changed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
venv="$root/.venv-bench"
pins="$root/requirements/bench.txt"
stamp="$venv/.installed"

if [ -f "$stamp" ] && cmp -s "$pins" "$stamp"; then
    exit 0
fi

echo "setting up chdb in $(basename "$venv"), once: about 600 MB" >&2
log=$(mktemp)
"$root/.venv/bin/python" -m venv --clear "$venv"
echo '*' >"$venv/.gitignore"
"$venv/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes --requirement "$pins" >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    exit 1
}
rm -f "$log"
cp "$pins" "$stamp"
