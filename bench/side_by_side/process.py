"""What a running process and those it has started take: CPU seconds, memory, threads."""

import os
import pathlib
import threading

SAMPLE_SECONDS = 0.02


def family(pid):
    """The process and what it has started, however deep."""
    try:
        tasks = list(pathlib.Path(f"/proc/{pid}/task").iterdir())
        words = [word for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(one for word in words for one in family(int(word)))]


def cpu_seconds(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status(pid):
    """(bytes of memory of its own, threads). Pages of mapped files are not among it, those of
    files in memory are. Unlike smaps_rollup this costs next to nothing, however much is
    mapped."""
    fields = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        fields[name] = rest.split()
    if "RssAnon" not in fields:
        return 0, 0  # It has ended.
    kilobytes = sum(int(fields[name][0]) for name in ("RssAnon", "RssShmem"))
    return kilobytes * 1024, int(fields["Threads"][0])


class Watch:
    """The peaks of a process and those it starts, by looking every 20 ms. A context."""

    def __init__(self, pid):
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.bytes = 0
        self.threads = 0

    def __enter__(self):
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self._look()

    def _run(self):
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look()

    def _look(self):
        size = threads = 0
        for pid in family(self._pid):
            try:
                its_size, its_threads = status(pid)
            except OSError:
                continue
            size += its_size
            threads += its_threads
        self.bytes = max(self.bytes, size)
        self.threads = max(self.threads, threads)
