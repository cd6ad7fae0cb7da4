"""Child processes that end with their parent, also when it is killed and can tell them nothing.

    python -m ingest.parent PID MODULE [ARGUMENT ...]

runs a module that ends when the process PID, which started it, is gone.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 15
"""How long a process that is asked to end may take; then it is killed."""


def end_with_parent(parent: int) -> None:
    """Watch from a thread; when `parent` is gone, send this process SIGTERM, at last kill it.

    Call it from the main thread. Polling works on every Unix. Linux's PR_SET_PDEATHSIG tells of
    the end of the thread that started the process, not of the parent.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    # The kernel's alarm, because granian holds the interpreter's lock while it stops.
    signal.alarm(PATIENCE_SECONDS)
    while True:
        # Again and again: the first may come before the process has set its handler.
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    del sys.argv[0]
    end_with_parent(int(sys.argv.pop(0)))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
