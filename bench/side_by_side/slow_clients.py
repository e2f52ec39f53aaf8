"""Clients that are a burden: slow_clients.py URI IDLE SLOW

So many connections on which nothing happens, and so many streams of which a batch a second
is read: half of them a dataset's, half of them a result's. Stays until it is ended.
"""

import sys
import threading
import time

from clients.flight import batches, connect

QUERY = "SELECT id + 1 AS next, * FROM sample"
PAUSE_SECONDS = 1


def read_slowly(uri, ticket, begun):
    import pyarrow.flight as flight

    while True:
        client = connect(uri)
        for _ in batches(client, flight.Ticket(ticket.encode())):
            begun.set()
            time.sleep(PAUSE_SECONDS)


def start_reader(uri, ticket):
    begun = threading.Event()
    threading.Thread(target=read_slowly, args=(uri, ticket, begun), daemon=True).start()
    return begun


def main():
    uri, idle, slow = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    connections = [connect(uri) for _ in range(idle)]
    for begun in [start_reader(uri, QUERY if number % 2 else "sample") for number in range(slow)]:
        begun.wait()
    print("all are there", flush=True)
    threading.Event().wait()
    del connections


if __name__ == "__main__":
    main()
