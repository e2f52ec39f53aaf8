"""What a row wants of its contestants, and how a figure is written."""

import dataclasses

# figure: (heading, how many of the unit make one of the heading's, digits)
FIGURES = {
    "seconds": ("seconds", 1, 4),
    "p50": ("p50 ms", 1e-3, 3),
    "p99": ("p99 ms", 1e-3, 3),
    "rate": ("calls/s", 1, 0),
    "first_batch": ("first batch ms", 1e-3, 1),
    "bytes": ("MB fetched", 1e6, 0),
    "server_cpu": ("server CPU s", 1, 2),
    "server_peak": ("server MB", 1e6, 0),
    "server_threads": ("server threads", 1, 0),
    "cpu": ("client CPU s", 1, 2),
    "peak": ("client MB", 1e6, 0),
}


def written(figure, value):
    """A value as its column has it, without the heading."""
    _, unit, digits = FIGURES[figure]
    return f"{value / unit:.{digits}f}"


@dataclasses.dataclass
class AsFast:
    """The contestant takes at most 1 / `times` of the base's time."""

    contestant: str
    base: str
    times: float
    figure: str = "seconds"

    def judge(self, figures):
        """(whether it is reached, the sentence that says so)."""
        times = figures[self.base][self.figure] / figures[self.contestant][self.figure]
        sentence = f"{times:.2f} × as fast as {self.base}, wanted {self.times:.2f}"
        return times >= self.times, sentence


@dataclasses.dataclass
class AtMost:
    """A figure is at most `limit`; with `times`, so many times the base's, too; with
    `above`, so much more than the base's."""

    contestant: str
    figure: str
    limit: float
    base: str | None = None
    times: bool = False

    def judge(self, figures):
        value = figures[self.contestant][self.figure]
        heading = FIGURES[self.figure][0]
        if self.base is None:
            allowed, of = self.limit, ""
        elif self.times:
            allowed = self.limit * figures[self.base][self.figure]
            of = f" ({self.limit:.2g} × {self.base})"
        else:
            allowed = self.limit + figures[self.base][self.figure]
            of = f" ({written(self.figure, self.limit)} above {self.base})"
        sentence = (f"{heading} {written(self.figure, value)}, "
                    f"wanted at most {written(self.figure, allowed)}{of}")
        return value <= allowed, sentence
