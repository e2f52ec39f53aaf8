"""What every kind of client does: begin the clock, count what arrives, repeat a call."""

import os
import resource
import sys
import time

# Set for clients that begin together, when all of them are ready; see crowd().
TOGETHER = "SIDE_BY_SIDE_TOGETHER"


def begin():
    """The start of the measurement: what was before, as starting Python, does not count."""
    if os.environ.get(TOGETHER):
        print("ready", flush=True)
        sys.stdin.readline()
    return {"clock": time.perf_counter(), "cpu": cpu_seconds()}


def cpu_seconds():
    """Of this process, and of those that it has started and that have ended."""
    parts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(part) for part in parts]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def count(batches, start):
    """Reads batches to the end: their rows, bytes, and when the first was there."""
    rows = size = 0
    first = None
    for batch in batches:
        if first is None:
            first = time.perf_counter() - start["clock"]
        rows += batch.num_rows
        size += batch.nbytes
    return {"rows": rows, "bytes": size, "first_batch": first}


def repeat(call, times):
    """The latencies of a call that takes its number; the first is a warm-up."""
    call(0)
    start = begin()
    latencies = []
    for number in range(1, times + 1):
        before = time.perf_counter()
        call(number)
        latencies.append(time.perf_counter() - before)
    return start, {"rows": times, "latencies": latencies}
