"""Sums up the JSON results of GoogleTest programs: gtest_counts.py FOLDER.

ctest counts programs; this counts their test cases, and names those that were skipped.
"""

import json
import pathlib
import sys


def main(folder):
    passed, failed, skipped = 0, 0, []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        for suite in json.loads(path.read_text())["testsuites"]:
            for case in suite["testsuite"]:
                name = f"{path.stem}: {suite['name']}.{case['name']}"
                if case["result"] == "SKIPPED" or case["status"] == "NOTRUN":
                    skipped.append(name)
                elif case.get("failures"):
                    failed += 1
                else:
                    passed += 1
    for name in skipped:
        print(f"SKIPPED {name}")
    print("test cases of the programs that ran to their end:")
    print(f"{passed} passed, {failed} failed, {len(skipped)} skipped")


if __name__ == "__main__":
    main(*sys.argv[1:])
