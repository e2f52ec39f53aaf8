"""What the examples of all languages print at their end: one JSON object on one line."""

import json


class Summary:
    """Counts batches as they come and adds up the time of each stage."""

    def __init__(self, stages):
        self.rows = 0
        self.batches = 0
        self.null_counts = {}
        self.busy = dict.fromkeys(stages, 0.0)

    def add(self, batch_rows, null_counts):
        self.rows += batch_rows
        self.batches += 1
        for name, count in null_counts.items():
            self.null_counts[name] = self.null_counts.get(name, 0) + count

    def to_json(self, wall_seconds, **more):
        return json.dumps(
            {
                "language": "python",
                "rows": self.rows,
                "batches": self.batches,
                "null_counts": self.null_counts,
                **more,
                "wall_s": round(wall_seconds, 6),
                "stages": [
                    {"name": name, "busy_s": round(seconds, 6)}
                    for name, seconds in self.busy.items()
                ],
            }
        )


def null_counts(batch):
    return {
        name: column.null_count
        for name, column in zip(batch.schema.names, batch.columns)
    }
