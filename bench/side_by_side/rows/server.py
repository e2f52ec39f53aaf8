"""Rows of the server itself: its memory, its start, its connections."""

import contextlib
import sys

import servers
from contest import Contestant
from goals import AsFast, AtMost
from rows.row import PINION, row
from rows.statements import ANSWER

GIGABYTES = (1, 10, 50)
CLIENTS = 8
MB = 1e6


@row("memory", f"Server memory, {CLIENTS} clients at once",
     *(AtMost(f"{size} GB", "server_peak", 200 * MB) for size in GIGABYTES),
     *(AtMost(f"{size} GB", "server_peak", 10 * MB, "1 GB") for size in GIGABYTES[1:]),
     once=True)
@contextlib.contextmanager
def memory(setting):
    with contextlib.ExitStack() as stack:
        contestants = []
        for size in GIGABYTES[:1] if setting.quick else GIGABYTES:
            path, rows = setting.inputs.zeros(size)
            server = stack.enter_context(servers.pinion(setting.binary, {"zeros": path}))
            pipe = ["pipe", setting.binary, server.uri, "zeros"]
            contestants.append(Contestant(f"{size} GB", ["crowd", CLIENTS, *pipe], server,
                                          rows=CLIENTS * rows))
        yield contestants


@row("start", "Start, until the server listens",
     AtMost("100 files", "seconds", 0.15),
     AtMost("a file of 50 GB", "seconds", 0.01, "no file"))
@contextlib.contextmanager
def start(setting):
    files = {
        "no file": {},
        "100 files": setting.inputs.small_files(100),
        "a file of 50 GB": {"zeros": setting.inputs.zeros(50)[0]},
    }
    yield [
        Contestant(name, ["ready", setting.binary, "serve", *servers.words(datasets),
                          "--listen", servers.LOOPBACK])
        for name, datasets in files.items()
    ]


IDLE, SLOW = 200, 64
HELD = 64 * MB  # what a result may hold that waits for its reader; half of them are results
ALONE, WITH_IDLE = "SELECT 42, alone", f"with {IDLE} idle"
WITH_SLOW = f"with {IDLE} idle, {SLOW} slow"


@row("idle", f"{IDLE} idle connections, {SLOW} slow readers (p50)",
     AsFast(WITH_IDLE, ALONE, 0.5, "p50"), AsFast(WITH_SLOW, ALONE, 0.5, "p50"),
     AtMost(WITH_IDLE, "server_threads", 8, ALONE),
     AtMost(WITH_SLOW, "server_threads", 8 + 2 * SLOW, ALONE),
     AtMost(WITH_SLOW, "server_peak", SLOW // 2 * HELD, ALONE))
@contextlib.contextmanager
def idle(setting):
    path = {"sample": setting.inputs.sample()}
    with contextlib.ExitStack() as stack:

        def contestant(name, idle, slow):
            server = stack.enter_context(servers.pinion(setting.binary, path))
            crowd = [sys.executable, servers.HERE / "slow_clients.py", server.uri, idle, slow]
            return Contestant(
                name, ["repeat_flight_sql", server.uri, ANSWER, setting.repeats], server,
                meanwhile=lambda: servers.Server(crowd, ready="^all are there"))

        yield [contestant(ALONE, 0, 0), contestant(WITH_IDLE, IDLE, 0),
               contestant(WITH_SLOW, IDLE, SLOW)]
