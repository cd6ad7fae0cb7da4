#!/bin/sh
# Makes the environment in .venv what the pinned requirements say; does nothing when nothing changed.
set -eu
cd "$(dirname "$0")/.."

python=$(command -v python3.11 || command -v python3 || true)
if [ -z "$python" ]; then
    echo "setup: Python 3.11 or newer is needed; install it and run this again" >&2
    exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: $python is $("$python" -V); Python 3.11 or newer is needed" >&2
    exit 1
}

# What the environment was made from: its requirements, the package's own data, this script, and where it lies.
wanted=$(cat requirements/dev.txt pyproject.toml scripts/setup.sh | cksum; cd -P .venv 2>/dev/null && pwd || echo "$PWD/.venv")
if [ -f .venv/made-from ] && [ "$(cat .venv/made-from)" = "$wanted" ]; then
    exit 0
fi

say() { echo "setup: $*" >&2; }

# Runs a command quietly; what it said is shown if it fails.
quietly() {
    "$@" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        say "failed; the whole log is in $log"
        exit 1
    }
}

log=$(mktemp)
say "making .venv, once: 160 packages, one to three minutes"
"$python" -m venv --clear .venv
quietly .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
quietly .venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
printf '%s' "$wanted" >.venv/made-from
rm -f "$log"
say "done"
