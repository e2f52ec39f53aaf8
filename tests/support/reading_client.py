"""A client to be killed: reads one batch of a ticket, says so, and holds the stream open.

    reading_client.py URI TICKET
"""

import sys

import pyarrow.flight as flight


def main():
    client = flight.connect(sys.argv[1])
    reader = client.do_get(flight.Ticket(sys.argv[2]))
    print(reader.read_chunk().data.num_rows, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
