"""pinion against its peers, side by side: python3 bench/side_by_side --help"""

import argparse
import fnmatch
import os
import pathlib
import platform
import re
import shutil
import signal
import sys
import traceback

import contest
import inputs
import plot
import report
from rows import ROWS, Peers, Setting, Skipped

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="side_by_side", description=__doc__.splitlines()[0],
        epilog=f"rows: {', '.join(ROWS)}")
    parser.add_argument("rows", nargs="*", metavar="ROW",
                        help="a row or a pattern of rows, as 'lineitem-*'; default: all of them")
    parser.add_argument("--quick", action="store_true", help="small data, one round: a look")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data-rows", type=int, metavar="N",
                        help="rows of the datasets (20,000,000; with --quick 2,000,000)")
    parser.add_argument("--pinion", default=os.environ.get("PINION_BIN"), metavar="FILE")
    parser.add_argument("--out", default=CHECKOUT / "build" / "bench", type=pathlib.Path)
    return parser.parse_args()


def chosen(patterns):
    """The rows that match, in the order of the report."""
    for pattern in patterns:
        if not fnmatch.filter(ROWS, pattern):
            sys.exit(f"side_by_side: no row '{pattern}'; there are: {', '.join(ROWS)}")
    return [one for name, one in ROWS.items()
            if not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def measure(one, setting, rounds):
    """A row's result. One that fails must not take the others with it."""
    try:
        with one.open(setting) as contestants:
            once = one.once or setting.quick
            figures = contest.run(contestants, 1 if once else rounds, warm_up=not one.once)
        return report.Result(one, figures)
    except Skipped as reason:
        return report.Result(one, skipped=str(reason))
    except Exception as error:
        traceback.print_exc()
        return report.Result(one, failed=f"{type(error).__name__}: {error}")


def machine():
    """What it all ran on."""
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": model[1] if model else platform.machine(), "cores": os.cpu_count(),
            "memory": memory, "kernel": platform.release(),
            "python": platform.python_version()}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers end, too
    arguments = parse_arguments()
    rows = chosen(arguments.rows)
    binary = arguments.pinion or shutil.which("pinion")
    if not binary:
        sys.exit("side_by_side: no pinion: give --pinion FILE or set PINION_BIN")
    quick = arguments.quick
    setting = Setting(
        binary=binary,
        inputs=inputs.Inputs(
            arguments.out, binary, scale=0.1 if quick else 1,
            rows=arguments.data_rows or (2_000_000 if quick else 20_000_000)),
        peers=Peers(arguments.out),
        quick=quick,
        repeats=200 if quick else 2000,
    )
    for name, why in setting.peers.missing.items():
        print(f"side_by_side: {name} does not take part: {why}", file=sys.stderr)
    results = []
    for one in rows:
        results.append(measure(one, setting, arguments.rounds))
        report.show(results[-1])
        report.write(arguments.out / "side_by_side.json", machine(), setting.peers.missing,
                     results)
    plot.plot(arguments.out / "side_by_side.svg", results)
    report.summary(results)
    print(f"\n{arguments.out / 'side_by_side.json'} and .svg")
    sys.exit(any(result.failed for result in results))


if __name__ == "__main__":
    main()
