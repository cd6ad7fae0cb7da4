#!/bin/sh
# Pins what requirements/*.in name, with hashes, for every Python and system at once; what is pinned already stays.
# To take newer releases: sh scripts/lock.sh --upgrade, or --upgrade-package NAME.
set -eu
cd "$(dirname "$0")/.."

uv=.venv/uv/bin/uv
[ -x "$uv" ] || uv=uv

pin() {
    lock=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
        --no-emit-index-url "$@" "requirements/$lock.in" --output-file "requirements/$lock.txt"
    echo "pinned requirements/$lock.txt"
}

for lock in uv bqemulator bench duckdb-oldest dev; do
    pin "$lock" "$@"
done
# The images get the versions that are tested: those of dev stand in the lock, and what only tests need leaves it.
cp requirements/dev.txt requirements/runtime.txt
pin runtime
