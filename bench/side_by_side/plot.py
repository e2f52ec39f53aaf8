"""A run's figures as an SVG: bars of times, a group a row, each as wide as its slowest."""

import html

from goals import FIGURES, written
from report import NOT_REACHED, REACHED

WIDTH, NAMES, BARS, LINE = 1000, 260, 460, 22
COLOURS = {REACHED: "#2e7d32", NOT_REACHED: "#c62828"}
OURS, PEERS, QUIET = "#2a6f97", "#b0b8bf", "#6b7280"


def plot(path, results):
    parts, top = [], LINE
    for result in results:
        part, top = group(result, top)
        parts += part
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" '
            'font-family="sans-serif" font-size="13">'
            '<rect width="100%" height="100%" fill="white"/>')
    path.write_text("\n".join([head, *parts, "</svg>"]))


def group(result, top):
    """(a row's elements, where the next one begins)"""
    parts = [text(10, top, f"{result.row.name}: {result.row.title}", "black", weight="bold")]
    top += LINE
    slowest = max((one[result.figure] for one in result.figures.values()), default=0)
    for name, one in result.figures.items():
        width = max(1, BARS * one[result.figure] / slowest)
        ours = OURS if is_ours(name, result) else PEERS
        unit = FIGURES[result.figure][0].split()[-1].replace("seconds", "s")
        label = f"{written(result.figure, one[result.figure])} {unit}, {result.ratio(one):.2f} ×"
        parts += [
            text(20, top, name, "black"),
            f'<rect x="{NAMES}" y="{top - 13}" width="{width:.0f}" height="17" fill="{ours}"/>',
            text(NAMES + width + 8, top, label, QUIET),
        ]
        top += LINE
    for verdict, sentence in result.verdicts:
        parts.append(text(20, top, f"{verdict}: {sentence}", COLOURS.get(verdict, QUIET)))
        top += LINE
    if result.skipped or result.failed:
        what = f"skipped: {result.skipped}" if result.skipped else f"failed: {result.failed}"
        parts.append(text(20, top, what, COLOURS[NOT_REACHED]))
        top += LINE
    return parts, top + LINE // 2


def is_ours(name, result):
    """Whether it is pinion, as it is everywhere where no peer takes part."""
    return name.startswith("pinion") or not any(
        other.startswith("pinion") for other in result.figures)


def text(x, y, content, colour, weight="normal"):
    return (f'<text x="{x:.0f}" y="{y}" fill="{colour}" font-weight="{weight}">'
            f"{html.escape(content)}</text>")
