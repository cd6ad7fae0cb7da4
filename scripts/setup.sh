#!/bin/sh
# Makes .venv what requirements/dev.txt says; does nothing when nothing changed. PYTHON may name the interpreter.
set -eu
cd "$(dirname "$0")/.."

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.11 python3.12 python3.13 python3.14 python3
fi
for python; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
        exec "$python" scripts/environment.py .venv requirements/dev.txt --project
    fi
done
echo "setup: Python 3.11 to 3.14 is needed, and $* is not that; install one and run this again" >&2
exit 1
