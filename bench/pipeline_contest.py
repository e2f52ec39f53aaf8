"""Pipelines side by side: pipeline_contest.py [--rows N] [--rounds N] [--quick]

Three things, each with medians of several rounds in which the contestants alternate:

- the same work (statistics of all columns of the sample table, fetched from one
  `pinion serve`) by `pinion pipe`, by itself without overlap, and by the pipelines in
  Python, Go and Rust. Ours also estimates the number of different values.
- the overlap of stages whose times are pretended.
- the peak memory of `pinion pipe` for tables of different sizes.

PINION_BIN names the program. The pipelines in Go and Rust are those that ./dev bench builds
(build/examples/go, build/conformance/rust).
"""

import argparse
import json
import os
import pathlib
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]


def pinion(*words):
    return [*shlex.split(os.environ.get("PINION_BIN", "pinion")), *map(str, words)]


def measure(words):
    """(wall seconds, CPU seconds, peak MB, what it printed) of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, code, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if code != 0:
        sys.exit(f"failed: {shlex.join(words)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, out


class Server:
    def __init__(self, path):
        self.process = subprocess.Popen(
            pinion("serve", f"t={path}", "--listen", "grpc://127.0.0.1:0"),
            stdout=subprocess.PIPE,
            text=True,
        )
        self.uri = self.process.stdout.readline().removeprefix("listening on ").strip()

    def __enter__(self):
        return self.uri

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def contestants(uri):
    pipe = pinion("pipe", uri, "t", "--compute", "stats", "--report", "json")
    found = {"pinion pipe": pipe, "pinion pipe --sequential": [*pipe, "--sequential"]}
    found["python"] = [
        sys.executable,
        str(CHECKOUT / "examples/python/pipeline.py"),
        *(uri, "t", "--compute", "stats"),
    ]
    for language, program, flag in (
        ("go", CHECKOUT / "build/examples/go/pipeline", "-compute"),
        ("rust", CHECKOUT / "build/conformance/rust/release/pipeline", "--compute"),
    ):
        if program.exists():
            found[language] = [str(program), flag, "stats", uri, "t"]
        else:
            print(f"not there, left out: {program}", file=sys.stderr)
    return found


def real_work(path, rounds):
    print("\nstatistics of all columns")
    with Server(path) as uri:
        runners = contestants(uri)
        times = {name: [] for name in runners}
        for round_ in range(rounds + 1):
            for name, words in runners.items():
                wall, cpu, peak, out = measure(words)
                rows = json.loads(out)["rows"]
                if round_ > 0:  # the first warms up
                    times[name].append((wall, cpu, peak))
        best = statistics.median(wall for wall, _, _ in times["pinion pipe"])
        print(f"{'':26}{'wall s':>8}{'CPU s':>8}{'MB':>8}{'against pipe':>14}   {rows} rows")
        for name, runs in times.items():
            wall, cpu, peak = (statistics.median(column) for column in zip(*runs))
            print(f"{name:26}{wall:8.2f}{cpu:8.2f}{peak:8.0f}{wall / best:14.2f}")


def overlap(path, rounds):
    print("\noverlap of pretended stages (compute ms, sink ms): wall against the slowest")
    with Server(path) as uri:
        for compute, sink in ((10, 10), (10, 4), (4, 10)):
            ratios = []
            for _ in range(rounds):
                words = pinion(
                    *("pipe", uri, "t", "--report", "json"),
                    *("--simulate-compute-ms", compute, "--simulate-sink-ms", sink),
                )
                said = json.loads(measure(words)[3])
                slowest = max(stage["busy_s"] for stage in said["stages"])
                ratios.append(said["wall_s"] / slowest)
            print(f"{compute:4} {sink:4} {statistics.median(ratios):8.3f}")


def memory(tables, rounds):
    print("\npeak memory of pinion pipe --compute stats")
    for path, rows in tables:
        with Server(path) as uri:
            words = pinion("pipe", uri, "t", "--compute", "stats", "--report", "json")
            peaks = [measure(words)[2] for _ in range(rounds)]
            print(f"{rows:>12} rows {statistics.median(peaks):8.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few rows, one round")
    options = parser.parse_args()
    rows, rounds = (200_000, 1) if options.quick else (options.rows, options.rounds)
    with tempfile.TemporaryDirectory() as folder:

        def table(rows, *more):
            path = pathlib.Path(folder) / f"{rows}.feather"
            subprocess.run(
                pinion("generate", "--rows", rows, "--out", path, *more), check=True
            )
            return path

        real_work(table(rows), rounds)
        overlap(table(200_001, "--batch-rows", 1000), min(rounds, 3))
        sizes = (rows // 10, rows // 2, rows * 2, rows * 4)
        memory([(table(size), size) for size in sizes], min(rounds, 3))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
