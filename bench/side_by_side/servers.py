"""Servers under measurement: pinion, the pyarrow servers, DuckDB's Quack, ROAPI, iperf3.

Each is a process of its own that says when it listens.
"""

import os
import pathlib
import queue
import re
import socket
import subprocess
import sys
import threading

import process

HERE = pathlib.Path(__file__).parent
PLAIN_SERVER = HERE.parent.parent / "tests" / "support" / "plain_server.py"
LOOPBACK = "grpc://127.0.0.1:0"
READY_SECONDS = 120


class Server:
    """A running server; `uri` is where it listens. Use as a context manager.

    `ready` is what the line says that comes when it listens; its first group, if there is
    one, is the address.
    """

    def __init__(self, command, ready=r"^listening on (\S+)", uri=None, env=None,
                 stderr=None):
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=stderr, env={**os.environ, **(env or {})},
        )
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.uri = uri or self._wait_for(ready)
            if uri:
                self._wait_for(ready)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self):
        return self._process.pid

    def cpu_seconds(self):
        return process.cpu_seconds(self.pid)

    def _read(self):
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line.decode())
        self._lines.put("")

    def _wait_for(self, ready):
        name = self._process.args[0]
        while True:
            try:
                line = self._lines.get(timeout=READY_SECONDS)
            except queue.Empty:
                raise RuntimeError(f"{name} is not ready after {READY_SECONDS} s") from None
            if not line:
                raise RuntimeError(f"{name} ended before it was ready")
            if found := re.search(ready, line):
                return found[1] if found.lastindex else None


def pinion(binary, datasets, *options, listen=LOOPBACK, prefix=()):
    return Server([*prefix, binary, "serve", *words(datasets), "--listen", listen, *options])


def plain(datasets, *options, listen=LOOPBACK, prefix=()):
    """The original's servers: tables in memory, SQL over them."""
    command = [*prefix, sys.executable, PLAIN_SERVER, "serve", *words(datasets)]
    return Server([*command, "--listen", listen, *options])


def database(path, *options):
    """The same over a DuckDB database; takes rows, too."""
    return Server([sys.executable, HERE / "database_server.py", path, *options])


def quack(python, database, *statements):
    """DuckDB's own protocol; the statements are run before it listens."""
    port = free_port()
    uri = f"quack:localhost:{port}"
    return Server([python, HERE / "quack_server.py", database, uri, *statements])


def roapi(program, datasets):
    tables = [word for pair in words(datasets) for word in ("--table", pair)]
    anywhere = ("--addr-http", "127.0.0.1:0", "--addr-postgres", "127.0.0.1:0")
    port = free_port()
    return Server(
        [program, *anywhere, "--addr-flight-sql", f"127.0.0.1:{port}", *tables],
        ready="for FlightSQL traffic", uri=f"grpc://127.0.0.1:{port}",
        env={"RUST_LOG": "roapi::startup=info"}, stderr=subprocess.STDOUT,
    )


def iperf(program):
    port = free_port()
    return Server([program, "--server", "--port", port, "--forceflush"],
                  ready="Server listening", uri=str(port), stderr=subprocess.STDOUT)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def words(datasets):
    return [f"{name}={path}" for name, path in datasets.items()]
