"""Kinds of clients that are programs of their own: pinion's, iperf3, h2load; many clients
at once; a server that is started."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from clients import measurement
from clients.measurement import begin

CLIENT = pathlib.Path(__file__).parents[1] / "client.py"


def pipe(binary, uri, name, *options):
    """pinion's own client, which reads a dataset and does nothing with it."""
    start = begin()
    said = json.loads(output(binary, "pipe", uri, name, "--compute", "none", "--sink", "none",
                             "--report", "json", *options))
    return start, {"rows": said["rows"], "bytes": said["bytes"], "seconds": said["wall_s"]}


def iperf(program, port, size):
    """So many bytes from server to client over one connection."""
    start = begin()
    said = json.loads(output(program, "--client", "127.0.0.1", "--port", port, "--reverse",
                             "--bytes", size, "--json"))["end"]["sum_received"]
    seconds = said["seconds"] * int(size) / said["bytes"]  # it stops at a whole block
    return start, {"rows": 0, "bytes": int(size), "seconds": seconds}


def h2load(program, uri, query, clients, times):
    """The query over plain Flight by so many clients at once, `times` in all. Its requests
    are ready-made, so that it takes a small part of the machine."""
    ticket = b"\x0a" + bytes([len(query)]) + query.encode()
    address = uri.replace("grpc:", "http:")
    with tempfile.TemporaryDirectory() as folder:
        body, log = pathlib.Path(folder, "body"), pathlib.Path(folder, "log")
        body.write_bytes(b"\0" + len(ticket).to_bytes(4, "big") + ticket)
        start = begin()
        said = output(program, "--clients", clients, "--requests", times, "--threads", "1",
                      "--data", str(body), "--log-file", str(log),
                      "--header", "content-type: application/grpc", "--header", "te: trailers",
                      f"{address}/arrow.flight.protocol.FlightService/DoGet")
        cpu = measurement.cpu_seconds() - start["cpu"]
        latencies = [int(line.split()[2]) / 1e6 for line in log.read_text().splitlines()]
    succeeded = int(re.search(r"(\d+) succeeded", said)[1])
    size = int(re.search(r"headers.*\((\d+)\) data", said)[1])
    if succeeded != int(times) or size < 100 * succeeded:  # an error has no data
        raise RuntimeError(f"h2load: {said}")
    amount, unit = re.search(r"finished in ([\d.]+)(us|ms|s),", said).groups()
    seconds = float(amount) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit]
    return start, {"rows": succeeded, "seconds": seconds, "cpu": cpu, "latencies": latencies}


def crowd(clients, kind, *arguments):
    """Many clients that begin at the same time: a process each."""
    words = [sys.executable, CLIENT, kind, *arguments]
    together = {**os.environ, measurement.TOGETHER: "1"}
    processes = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=together)
        for _ in range(int(clients))
    ]
    try:
        for process in processes:
            if process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"a client ended before it began: {words}")
        start = begin()
        for process in processes:
            process.stdin.write(b"\n")
            process.stdin.flush()
        results = [json.loads(process.stdout.readline()) for process in processes]
        seconds = time.perf_counter() - start["clock"]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    found = {"rows": sum(result["rows"] for result in results),
             "cpu": sum(result["cpu"] for result in results), "seconds": seconds}
    latencies = [one for result in results for one in result.get("latencies", [])]
    return start, {**found, "latencies": latencies} if latencies else found


def ready(*command):
    """A server, from its start to the line that says that it listens."""
    start = begin()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        line = process.stdout.readline()
        seconds = time.perf_counter() - start["clock"]
        process.terminate()
    if not line.startswith(b"listening on "):
        raise RuntimeError(f"not ready, but {line}: {command}")
    return start, {"rows": 0, "seconds": seconds}


def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


KINDS = {function.__name__: function for function in (pipe, iperf, h2load, crowd, ready)}
