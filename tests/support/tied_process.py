"""Becomes another program that the kernel kills when the one who started it dies.

    tied_process.py PROGRAM ARGUMENT…

Without it, a test run that is killed would leave its servers behind.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.execvp(sys.argv[1], sys.argv[1:])
