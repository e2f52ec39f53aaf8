"""What a run has shown: a table in the terminal, a JSON file, and a plot as SVG."""

import html
import json

COLUMNS = ("", "seconds", "ratio", "server CPU s", "server MB", "client CPU s", "client MB")


def show(row, figures):
    """Prints one row's table. `ratio` is the row's own: above 1 is better than the first."""
    print(f"\n{row.title}")
    lines = [COLUMNS]
    base = figures[row.base]
    for name, one in figures.items():
        lines.append((
            name,
            f"{value(one):.4f}",
            "" if name == row.base else f"{value(base) / value(one):.2f}",
            number(one.get("server_cpu"), 2), number(one.get("server_peak"), 0, 1e6),
            number(one.get("cpu"), 2), number(one.get("peak_rss"), 0, 1e6),
        ))
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print("  " + "  ".join(cells).rstrip())
    for one, wanted in row.wanted.items():
        reached = value(base) / value(figures[one])
        verdict = "reached" if reached >= wanted else "NOT reached"
        print(f"  {one}: {reached:.2f} × {row.base}, wanted {wanted:.2f}: {verdict}")


def value(figures):
    return figures.get("p50", figures["seconds"])


def number(figure, digits, unit=1.0):
    return "" if figure is None else f"{figure / unit:.{digits}f}"


def write(path, machine, results):
    with open(path, "w") as file:
        json.dump({"machine": machine, "rows": results}, file, indent=2)


def plot(path, results):
    """Bars of seconds, a group a row, each scaled to its slowest."""
    height = 26 * sum(len(figures) + 1 for figures in results.values()) + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" '
             'font-family="sans-serif" font-size="13">']
    top = 20
    for title, figures in results.items():
        parts.append(f'<text x="10" y="{top}" font-weight="bold">{html.escape(title)}</text>')
        top += 26
        slowest = max(value(one) for one in figures.values())
        for name, one in figures.items():
            width = max(1, 480 * value(one) / slowest)
            colour = "#2a6f97" if name.startswith("pinion") else "#b0b8bf"
            parts.append(
                f'<text x="20" y="{top}">{html.escape(name)}</text>'
                f'<rect x="260" y="{top - 13}" width="{width:.0f}" height="17" fill="{colour}"/>'
                f'<text x="{270 + width:.0f}" y="{top}">{value(one):.4f} s</text>')
            top += 26
    parts.append("</svg>")
    path.write_text("\n".join(parts))
