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

# What the environment was made from: its requirements, the package's own data, this script, this folder.
wanted=$(cat requirements/dev.txt pyproject.toml scripts/setup.sh | cksum; pwd)
if [ -f .venv/made-from ] && [ "$(cat .venv/made-from)" = "$wanted" ]; then
    exit 0
fi

echo "setup: making .venv (once; one to three minutes)"
"$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
printf '%s' "$wanted" >.venv/made-from
echo "setup: done"
