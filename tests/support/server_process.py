"""A `pinion serve` started for a test: its listeners, its memory, its end.

PINION_BIN names the program under test. Anything that takes `serve [NAME=]PATH…
--listen URI…` and prints `listening on URI` does: `plain_server.py` is such a program,
and the tests are themselves tested by running them against it.
"""

import os
import pathlib
import queue
import shlex
import signal
import subprocess
import sys
import threading
import time

import pyarrow.flight as flight

# Generous: a sanitizer build on a loaded machine must not fail for being slow.
START_SECONDS = 90
STOP_SECONDS = 90
READY_PREFIX = "listening on "
SANITIZER_REPORTS = (
    "ERROR: AddressSanitizer",
    "ERROR: LeakSanitizer",
    "WARNING: ThreadSanitizer",
    "runtime error:",
)


def program():
    """The command under test, as a list of words."""
    command = os.environ.get("PINION_BIN")
    if not command:
        raise RuntimeError("set PINION_BIN to the pinion executable to be tested")
    return shlex.split(command)


def version():
    """What it says to --version."""
    words = [*program(), "--version"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def is_plain_server():
    """Whether the tests run against plain_server.py, which promises less than pinion."""
    return any(pathlib.Path(word).name == "plain_server.py" for word in program())


def eventually(condition, what, seconds=60, every=0.02):
    """Polls until condition() is true, and returns what it returned.

    An AssertionError says that `what` never came true.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(every)


class ServerProcess:
    """One running server. Not thread-safe, but for kill(); stop() or kill() ends it.

    `datasets` are words as on the command line: paths or NAME=PATH. A dict is taken too.
    """

    # All that were started and have not ended: for a watchdog.
    running = set()

    def __init__(self, datasets=(), listen=("grpc://127.0.0.1:0",), options=(), env=None):
        if isinstance(datasets, dict):
            datasets = [f"{name}={path}" for name, path in datasets.items()]
        tied = [sys.executable, "-IS", str(pathlib.Path(__file__).with_name("tied_process.py"))]
        words = [*tied, *program(), "serve", *map(str, datasets)]
        for uri in listen:
            words += ["--listen", uri]
        words += map(str, options)
        self._stderr = []
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.running.add(self)
        try:
            self.uris = [self._next_listener() for _ in listen]
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.stop()
        else:
            self.kill()

    @property
    def uri(self):
        return self.uris[0]

    @property
    def pid(self):
        return self._process.pid

    @property
    def stderr(self):
        return "".join(self._stderr)

    def connect(self, listener=0, buffering=True):
        """A client. Without buffering little lies between the two that was not read yet; with
        it gRPC lets that grow with the time that messages take, on a busy machine to 100 MB.
        """
        options = None if buffering else [("grpc.http2.bdp_probe", 0)]
        return flight.connect(self.uris[listener], generic_options=options)

    def is_running(self):
        return self._process.poll() is None

    def has_been_ended(self):
        """By wait(), stop() or kill(), and not by itself."""
        return self not in self.running

    def terminate(self, signal_number=signal.SIGTERM):
        """Asks for the end, and does not wait for it."""
        self._process.send_signal(signal_number)

    def wait(self, seconds=STOP_SECONDS):
        """Waits for the end, checks for sanitizer reports, returns the exit code."""
        code = self._process.wait(seconds)
        self.running.discard(self)
        for reader in self._readers:
            reader.join(STOP_SECONDS)
        self._process.stdout.close()
        self._process.stderr.close()
        for report in SANITIZER_REPORTS:
            assert report not in self.stderr, self.stderr
        return code

    def stop(self):
        """SIGTERM, after which a server must exit with 0 and no sanitizer report."""
        assert self.is_running(), f"the server ended by itself:\n{self.stderr}"
        self.terminate()
        code = self.wait()
        assert code == 0, f"exit code {code} after SIGTERM:\n{self.stderr}"

    def kill(self):
        """SIGKILL: for the tests of that, and for the way out of a failed test."""
        if self.is_running():
            self._process.kill()
        self._process.wait()
        self.running.discard(self)
        for reader in self._readers:
            reader.join()

    # What the kernel says about it.

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def anonymous_bytes(self):
        """Memory of its own. Pages of a mapped file are not among it."""
        for line in pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no Anonymous line in smaps_rollup")

    def open_sockets(self):
        count = 0
        for entry in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                count += os.readlink(entry).startswith("socket:")
            except FileNotFoundError:
                pass
        return count

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def is_sanitized(self):
        """Whether this build carries a sanitizer, whose memory figures mean nothing."""
        seen = set()
        for line in pathlib.Path(f"/proc/{self.pid}/maps").read_text().splitlines():
            path = line.split(maxsplit=5)[5] if line.count(" ") > 5 else ""
            path = path.strip()
            if not path.startswith("/") or path in seen:
                continue
            seen.add(path)
            name = os.path.basename(path)
            if "asan" in name or "tsan" in name:
                return True
            if name.startswith("pinion") and b"__asan_init" in _content(path):
                return True
        return False

    def wait_until_idle(self, seconds=60):
        """Waits until it stops using the processor: until no work goes on inside."""
        used = [self.cpu_seconds()]

        def same():
            used.append(self.cpu_seconds())
            return len(used) > 5 and used[-1] - used[-6] < 0.03

        eventually(same, "the server is idle", seconds, every=0.1)

    def _read_stdout(self):
        for line in self._process.stdout:
            self._lines.put(line.decode())
        self._lines.put(None)

    def _read_stderr(self):
        for line in self._process.stderr:
            self._stderr.append(line.decode(errors="replace"))

    def _next_listener(self):
        try:
            line = self._lines.get(timeout=START_SECONDS)
        except queue.Empty:
            raise AssertionError(f"not ready in {START_SECONDS} s:\n{self.stderr}") from None
        if line is None:
            code = self._process.wait()
            self._readers[1].join()
            raise ServerDidNotStart(code, self.stderr)
        assert line.startswith(READY_PREFIX), f"unexpected line on stdout: {line!r}"
        return line.removeprefix(READY_PREFIX).rstrip("\n")


class ServerDidNotStart(Exception):
    """The server ended before it was ready."""

    def __init__(self, code, stderr):
        super().__init__(f"exit code {code}: {stderr}")
        self.code = code
        self.stderr = stderr


def _content(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""
