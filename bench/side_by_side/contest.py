"""Contestants in turn, one warm-up each, then A B A B …, and the medians of that."""

import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import typing

CLIENT = pathlib.Path(__file__).with_name("client.py")


@dataclasses.dataclass
class Contestant:
    """What one side of a row does: a client's command, and the server it talks to."""

    name: str
    arguments: list
    server: typing.Any = None
    python: str = sys.executable
    command: list | None = None  # a whole command that prints client.py's line itself

    def run(self):
        """One measurement, in a client process of its own."""
        before = 0.0
        if self.server:
            self.server.restart_peak()
            before = self.server.cpu_seconds()
        words = self.command or [self.python, CLIENT, *self.arguments]
        done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(f"{self.name}: exit code {done.returncode}: {words}")
        result = json.loads(done.stdout.splitlines()[-1])
        if self.server:
            result["server_cpu"] = self.server.cpu_seconds() - before
            result["server_peak"] = self.server.peak_bytes()
        return result


def run(contestants, rounds):
    """{name: medians}, over `rounds` after a warm-up. All must see as many rows."""
    seen = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + 1):
        for contestant in contestants:
            result = contestant.run()
            if number:
                seen[contestant.name].append(result)
    rows = {name: results[0]["rows"] for name, results in seen.items()}
    if len(set(rows.values())) > 1:
        raise RuntimeError(f"the contestants did not see the same rows: {rows}")
    return {name: medians(results) for name, results in seen.items()}


def medians(results):
    keys = [key for key, value in results[0].items() if isinstance(value, (int, float))]
    taken = {key: statistics.median(result[key] for result in results) for key in keys}
    latencies = sorted(one for result in results for one in result.get("latencies", []))
    if latencies:
        taken["p50"] = latencies[len(latencies) // 2]
        taken["p99"] = latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)]
    return taken
