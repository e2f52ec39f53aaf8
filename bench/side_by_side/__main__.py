"""pinion against its peers, side by side: python3 bench/side_by_side --help"""

import argparse
import os
import pathlib
import platform
import shutil
import sys

import contest
import inputs
import report
import rows

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(prog="side_by_side", description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help="default: all of them")
    parser.add_argument("--quick", action="store_true", help="small data, two rounds: a look")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pinion", default=os.environ.get("PINION_BIN"), metavar="FILE")
    parser.add_argument("--quack-python", metavar="FILE",
                        help="a Python that has DuckDB 1.5.5 with the extension quack")
    parser.add_argument("--out", default=CHECKOUT / "build" / "bench", type=pathlib.Path)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    binary = arguments.pinion or shutil.which("pinion")
    if not binary:
        sys.exit("side_by_side: no pinion: give --pinion FILE or set PINION_BIN")
    quick = arguments.quick
    setting = rows.Setting(
        binary=binary,
        inputs=inputs.Inputs(arguments.out, binary, rows=2_000_000 if quick else 20_000_000,
                             scale=0.1 if quick else 1),
        quack_python=arguments.quack_python,
        repeats=200 if quick else 2000,
    )
    known = rows.rows(setting)
    unknown = [name for name in arguments.rows if name not in known]
    if unknown:
        sys.exit(f"side_by_side: no row '{unknown[0]}'; there are: {', '.join(known)}")
    if not arguments.quack_python:
        print("side_by_side: without --quack-python, Quack does not take part", file=sys.stderr)
    results = {}
    for name in arguments.rows or known:
        row = known[name]
        with row.open(setting) as contestants:
            figures = contest.run(contestants, 2 if quick else arguments.rounds)
        report.show(row, figures)
        results[row.title] = figures
    machine = {"processor": platform.processor(), "cores": os.cpu_count(),
               "kernel": platform.release(), "python": platform.python_version()}
    report.write(arguments.out / "side_by_side.json", machine, results)
    report.plot(arguments.out / "side_by_side.svg", results)
    print(f"\n{arguments.out / 'side_by_side.json'} and .svg")


if __name__ == "__main__":
    main()
