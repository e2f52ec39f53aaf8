"""Servers under measurement: pinion, the plain pyarrow server, DuckDB's Quack, ROAPI.

Each is a process of its own on loopback that is asked for its CPU seconds and its private
memory. A peak is what was seen by looking every 20 ms.
"""

import os
import pathlib
import queue
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).parent
PLAIN_SERVER = HERE.parent.parent / "tests" / "support" / "plain_server.py"
READY_SECONDS = 120
SAMPLE_SECONDS = 0.02


class Server:
    """A running server; `uri` is where it listens. Use as a context manager."""

    def __init__(self, command, ready="listening on "):
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        self._peak = 0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self.uri = self._wait_for(ready)
        self._watch.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def cpu_seconds(self):
        text = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def private_bytes(self):
        """Memory of its own; pages of mapped files are not among it."""
        rollup = pathlib.Path(f"/proc/{self._process.pid}/smaps_rollup").read_text()
        fields = {line.split(":")[0]: line.split()[1] for line in rollup.splitlines()[1:]}
        return int(fields["Anonymous"]) * 1024

    def restart_peak(self):
        self._peak = self.private_bytes()

    def peak_bytes(self):
        return max(self._peak, self.private_bytes())

    def _sample(self):
        while not self._ended.wait(SAMPLE_SECONDS):
            try:
                self._peak = max(self._peak, self.private_bytes())
            except (OSError, KeyError):
                return

    def _wait_for(self, ready):
        lines = queue.Queue()

        def read():
            for line in self._process.stdout:
                lines.put(line.decode())
            lines.put("")

        threading.Thread(target=read, daemon=True).start()
        while True:
            line = lines.get(timeout=READY_SECONDS)
            if not line:
                raise RuntimeError(f"{self._process.args[0]} ended before it was ready")
            if line.startswith(ready):
                return line.removeprefix(ready).strip()


def pinion(binary, datasets, *options, listen="grpc://127.0.0.1:0"):
    return Server([binary, "serve", *words(datasets), "--listen", listen, *options])


def plain(datasets, *options, listen="grpc://127.0.0.1:0"):
    command = [sys.executable, PLAIN_SERVER, "serve", *words(datasets)]
    return Server([*command, "--listen", listen, *options])


def quack(python, database, token):
    return Server([python, HERE / "quack_server.py", database, token])


def words(datasets):
    return [f"{name}={path}" for name, path in datasets.items()]
