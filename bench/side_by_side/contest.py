"""Contestants in turn, one warm-up each, then A B A B …, and the medians of that."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import typing

import process

CLIENT = pathlib.Path(__file__).with_name("client.py")
RUN_SECONDS = 1800


@dataclasses.dataclass
class Contestant:
    """What one side of a row does: a client's arguments, and the server it talks to."""

    name: str
    arguments: list
    server: typing.Any = None
    python: str = sys.executable
    prefix: tuple = ()  # a command that runs the client's
    meanwhile: typing.Callable = contextlib.nullcontext  # what is there while it runs
    rows: int | None = None  # how many it has to see, if not as many as the others

    def run(self):
        """One measurement, in a client process of its own."""
        words = [*self.prefix, self.python, CLIENT, *self.arguments]
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.meanwhile())
            if self.server:
                before = self.server.cpu_seconds()
                served = stack.enter_context(process.Watch(self.server.pid))
            client = stack.enter_context(
                subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE,
                                 process_group=0))
            stack.callback(end, client)
            used = stack.enter_context(process.Watch(client.pid))
            out, _ = client.communicate(timeout=RUN_SECONDS)
            if client.returncode:
                raise RuntimeError(f"{self.name}: exit code {client.returncode}: {words}")
            result = json.loads(out.splitlines()[-1])
            if self.server:
                result["server_cpu"] = self.server.cpu_seconds() - before
        result["peak"] = used.bytes
        if self.server:
            result["server_peak"], result["server_threads"] = served.bytes, served.threads
        return result


def end(client):
    """Ends a client that is still there, with the processes that it has started."""
    if client.poll() is None:
        os.killpg(client.pid, signal.SIGKILL)


def run(contestants, rounds, warm_up=True):
    """{name: medians}, over `rounds`. All must see the rows that they have to."""
    seen = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + warm_up):
        for contestant in contestants:
            result = contestant.run()
            if number >= warm_up:
                seen[contestant.name].append(result)
    check_rows(contestants, seen)
    return {name: medians(results) for name, results in seen.items()}


def check_rows(contestants, seen):
    alike = set()
    for contestant in contestants:
        rows = {result["rows"] for result in seen[contestant.name]}
        if contestant.rows is None:
            alike |= rows
        elif rows != {contestant.rows}:
            raise RuntimeError(f"{contestant.name} saw {rows} rows, not {contestant.rows}")
    if len(alike) > 1:
        rows = {name: results[0]["rows"] for name, results in seen.items()}
        raise RuntimeError(f"the contestants did not see the same rows: {rows}")


def medians(results):
    """Medians of all numbers, of numbers by name, and percentiles of all latencies."""
    taken = {}
    for key, value in results[0].items():
        if isinstance(value, (int, float)):
            taken[key] = statistics.median(result[key] for result in results)
        elif isinstance(value, dict):
            taken[key] = medians([result[key] for result in results])
    if "seconds" in taken:
        taken["rounds"] = [result["seconds"] for result in results]
    latencies = sorted(one for result in results for one in result.get("latencies", []))
    if latencies:
        taken["rate"] = taken["rows"] / taken["seconds"]
        taken["p50"] = latencies[len(latencies) // 2]
        taken["p99"] = latencies[min(len(latencies) - 1, len(latencies) * 99 // 100)]
    return taken
