"""The rows of the report, in its order: each module adds its own."""

from rows import datasets, queries, statements, ingest, server  # noqa: F401, I001
from rows.row import ROWS, Peers, Setting, Skipped  # noqa: F401
