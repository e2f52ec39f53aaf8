"""One measurement: does one thing once and prints, as one line of JSON, what it took.

    client.py KIND [ARGUMENT…]

A kind returns when it began and what it found. For those that repeat a call, the
latencies of all calls are given.
"""

import json
import sys
import time

from clients import adbc, duck, flight, measurement, programs, queries

KINDS = {
    name: function
    for module in (adbc, duck, flight, programs, queries)
    for name, function in module.KINDS.items()
}


def main():
    start, result = KINDS[sys.argv[1]](*sys.argv[2:])
    result.setdefault("seconds", time.perf_counter() - start["clock"])
    result.setdefault("cpu", measurement.cpu_seconds() - start["cpu"])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
