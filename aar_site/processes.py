"""Children that never outlive the process that started them, also when that is killed without a chance to clean up."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec little is safe


def die_with(parent: int) -> None:
    """Called in the child. On Linux the kernel kills it when the parent dies, at once if the parent is dead already."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
