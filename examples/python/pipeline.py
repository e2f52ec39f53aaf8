"""Fetches, computes and prints at the same time, in three threads joined by queues:

    pipeline.py [URI [DATASET]] [--compute nulls|stats] [--queue N]

Each queue holds N batches at most: a slow stage makes the ones before it wait. Whatever
goes wrong in a stage stops the others.
"""

import argparse
import queue
import sys
import threading
import time

import pyarrow.flight as flight

import stats
from summary import Summary, null_counts

END = object()


class Stopped(Exception):
    """Another stage has failed."""


class Pipe:
    """A bounded queue whose waits end when the pipeline stops."""

    def __init__(self, size, stop):
        self._queue = queue.Queue(size)
        self._stop = stop

    def put(self, item):
        while not self._stop.is_set():
            try:
                return self._queue.put(item, timeout=0.1)
            except queue.Full:
                pass
        raise Stopped

    def __iter__(self):
        while not self._stop.is_set():
            try:
                item = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            if item is END:
                return
            yield item
        raise Stopped


class Pipeline:
    def __init__(self, options):
        self.options = options
        self.summary = Summary(["fetch", "compute", "sink"])
        self.columns = None
        self._stop = threading.Event()
        self._error = None
        self._fetched = Pipe(options.queue, self._stop)
        self._computed = Pipe(options.queue, self._stop)

    def run(self):
        stages = [
            threading.Thread(target=self._guard, args=(stage,))
            for stage in (self._fetch, self._compute, self._sink)
        ]
        for stage in stages:
            stage.start()
        for stage in stages:
            stage.join()
        if self._error is not None:
            raise self._error

    def _guard(self, stage):
        try:
            stage()
        except Stopped:
            pass
        except BaseException as error:
            # The first error is the one to report; those that follow come from stopping.
            if not self._stop.is_set():
                self._error = error
                self._stop.set()

    def _fetch(self):
        descriptor = flight.FlightDescriptor.for_path(self.options.dataset)
        with flight.connect(self.options.uri) as client:
            for endpoint in client.get_flight_info(descriptor).endpoints:
                reader = client.do_get(endpoint.ticket)
                try:
                    for batch in self._timed("fetch", batches_of(reader)):
                        self._fetched.put(batch)
                except Stopped:
                    reader.cancel()
                    raise
        self._fetched.put(END)

    def _compute(self):
        for batch in self._fetched:
            began = time.perf_counter()
            result = stats.of(batch) if self.options.compute == "stats" else None
            result = (batch.num_rows, null_counts(batch), result)
            self.summary.busy["compute"] += time.perf_counter() - began
            self._computed.put(result)
        self._computed.put(END)

    def _sink(self):
        for rows, nulls, columns in self._computed:
            began = time.perf_counter()
            if self.options.compute == "nulls":
                print(f"batch {self.summary.batches}: {rows} rows", file=sys.stderr)
            else:
                self.columns = stats.merge(self.columns, columns)
            self.summary.add(rows, nulls)
            self.summary.busy["sink"] += time.perf_counter() - began

    def _timed(self, stage, iterable):
        iterator = iter(iterable)
        while True:
            began = time.perf_counter()
            item = next(iterator, END)
            self.summary.busy[stage] += time.perf_counter() - began
            if item is END:
                return
            yield item


def batches_of(reader):
    for chunk in reader:
        if chunk.data is not None:
            yield chunk.data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("uri", nargs="?", default="grpc://127.0.0.1:8815")
    parser.add_argument("dataset", nargs="?", default="large_table")
    parser.add_argument("--compute", choices=["nulls", "stats"], default="nulls")
    parser.add_argument("--queue", type=int, default=8)
    options = parser.parse_args()
    if options.queue < 1:
        parser.error("--queue must be at least 1")
    started = time.perf_counter()
    pipeline = Pipeline(options)
    pipeline.run()
    more = {"columns": stats.to_json(pipeline.columns)} if pipeline.columns else {}
    print(pipeline.summary.to_json(time.perf_counter() - started, **more))


if __name__ == "__main__":
    try:
        main()
    except flight.FlightError as error:
        sys.exit(f"pipeline.py: {error}")
