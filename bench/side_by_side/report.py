"""What a run has shown: a table in the terminal, a JSON file, and a plot as SVG."""

import json

from goals import FIGURES, written

REACHED, NOT_REACHED, NOT_JUDGED = "reached", "NOT reached", "not judged"


class Result:
    """A row's figures by contestant, and what has become of its goals; or why it has none."""

    def __init__(self, row, figures=None, skipped=None, failed=None):
        self.row = row
        self.figures = figures or {}
        self.skipped = skipped
        self.failed = failed
        self.verdicts = [self._judge(goal) for goal in row.goals] if figures else []

    @property
    def base(self):
        return next(iter(self.figures.values()))

    @property
    def figure(self):
        """The one that counts: of a call that is repeated by one client its median."""
        return self.row.goals[0].figure if self.row.goals[0].figure == "p50" else "seconds"

    def ratio(self, one):
        return self.base[self.figure] / one[self.figure]

    def _judge(self, goal):
        """(verdict, sentence)"""
        missing = {goal.contestant, goal.base} - {None} - set(self.figures)
        if missing:
            names = " and ".join(sorted(missing))
            return NOT_JUDGED, f"{goal.contestant}: {names} did not take part"
        reached, sentence = goal.judge(self.figures)
        return REACHED if reached else NOT_REACHED, f"{goal.contestant}: {sentence}"

    def as_json(self):
        verdicts = [{"verdict": verdict, "goal": goal} for verdict, goal in self.verdicts]
        return {"title": self.row.title, "skipped": self.skipped, "failed": self.failed,
                "figures": self.figures, "goals": verdicts}


def show(result):
    """Prints a row's table; `ratio` is how many times as fast as the first one is."""
    print(f"\n{result.row.name}: {result.row.title}")
    if result.skipped:
        print(f"  SKIPPED: {result.skipped}")
    if result.failed:
        print(f"  FAILED: {result.failed}")
    if not result.figures:
        return
    shown = [figure for figure in FIGURES
             if any(one.get(figure) is not None for one in result.figures.values())]
    headings = [FIGURES[figure][0].partition(" ") for figure in shown]
    lines = [["", "", *(first for first, _, _ in headings)],
             ["", "ratio", *(rest for _, _, rest in headings)]]
    for name, one in result.figures.items():
        cells = ["" if one.get(figure) is None else written(figure, one[figure])
                 for figure in shown]
        lines.append([name, f"{result.ratio(one):.2f}", *cells])
    widths = [max(map(len, column)) for column in zip(*lines)]
    for name, *cells in lines:
        aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:])]
        print("  " + "  ".join([name.ljust(widths[0]), *aligned]))
    show_slowest(result)
    for verdict, sentence in result.verdicts:
        print(f"  {verdict + ':':<12} {sentence}")


def show_slowest(result, number=3):
    """Of contestants that do several things: which are worst against the first."""
    for name, one in list(result.figures.items())[1:]:
        each = one.get("each")
        if not each:
            continue
        ratios = {key: result.base["each"][key] / seconds for key, seconds in each.items()}
        worst = sorted(ratios, key=ratios.get)[:number]
        print(f"  {name}, slowest against the first: "
              + ", ".join(f"{key} {ratios[key]:.2f}" for key in worst))


def summary(results):
    """Prints all goals together."""
    print("\nwhat is wanted")
    for result in results:
        for verdict, sentence in result.verdicts:
            print(f"  {verdict:<11}  {result.row.name:<17} {sentence}")
        if result.skipped or result.failed:
            what = f"SKIPPED      {result.row.name:<17} {result.skipped}"
            print("  " + (what if result.skipped
                          else f"FAILED       {result.row.name:<17} {result.failed}"))


def write(path, machine, missing, results):
    rows = {result.row.name: result.as_json() for result in results}
    content = {"machine": machine, "missing": missing, "rows": rows}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
