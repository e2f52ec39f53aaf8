"""Checks that includes point downward: includes.py [CHECKOUT].

Each layer of src/ may include itself and the layers named for it below; a header of
include/pinion/ only Arrow, the standard library and others of its kind. Some libraries
may be seen in some folders only, through however many of our headers.
"""

import pathlib
import re
import sys

LAYERS = {
    "base": set(),
    "data": {"base"},
    "engine": {"base", "data"},
    "flight": {"base", "data", "engine"},
    "pipeline": {"base", "data"},
    "cli": {"base", "data", "engine", "flight", "pipeline"},
}
# An installed header belongs to the layer that implements it.
API = {
    "pipeline.h": "pipeline",
    "pipeline_options.h": "pipeline",
    "internal/plan.h": "pipeline",
    "server.h": "flight",
    "server_options.h": "flight",
}
# Library: the folders where it may be seen.
CONFINED = {
    "duckdb": ["src/engine/duckdb"],
    "arrow/flight": ["src/flight", "src/pipeline", "src/cli", "include/pinion"],
    "CLI": ["src/cli"],
    "grpc": ["src/flight"],
    "grpcpp": ["src/flight"],
}
TEST_ONLY = ("gtest", "gmock", "benchmark", "tests/")
TEST_FILE = re.compile(r"(_test|_suite|_bench|_fuzz)\.(cc|h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


class Checkout:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.includes = {}  # path below the root: [(line, bracket, target)]
        for top in ("src", "include", "tests"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in (".h", ".cc"):
                    text = path.read_text(encoding="utf-8")
                    self.includes[path.relative_to(self.root).as_posix()] = [
                        (text.count("\n", 0, match.start(1)) + 1, *match.groups())
                        for match in INCLUDE.finditer(text)
                    ]

    def file_of(self, target):
        """The file of ours that an include names, or None."""
        for top in ("src/", "include/", ""):
            if top + target in self.includes:
                return top + target
        return None

    def libraries(self, path, seen=None):
        """The confined libraries that a file includes, its own headers counted in."""
        seen = set() if seen is None else seen
        found = set()
        for _, _, target in self.includes[path]:
            found |= {name for name in CONFINED if is_of(target, name)}
            below = self.file_of(target)
            if below and below not in seen:
                seen.add(below)
                found |= self.libraries(below, seen)
        return found


def is_of(target, library):
    return target.startswith(library + "/") or target in (library + ".h", library + ".hpp")


def layer_of(path):
    top, *rest = path.split("/")
    if top == "src" and len(rest) > 1:
        return rest[0]
    if path.startswith("include/pinion/"):
        name = "/".join(rest[1:])
        return API.get(name, path)
    return None


def problems_of(checkout, path):
    layer = layer_of(path)
    is_test = path.startswith("tests/") or TEST_FILE.search(path)
    if layer and layer not in LAYERS:
        yield 1, f"{layer} is no layer known to tests/lint/includes.py"
        return
    for line, bracket, target in checkout.includes[path]:
        below = checkout.file_of(target)
        if bracket == '"' and path.startswith("src/") and not target.count("/"):
            yield line, f'write the path from src/ or include/: "{target}"'
        if below and layer and layer_of(below) not in (None, layer, *LAYERS[layer]):
            yield line, f'{layer} may not include {layer_of(below)}: "{target}"'
        if below and path.startswith("include/") and not below.startswith("include/"):
            yield line, f'an installed header may not include ours of src/: "{target}"'
        if not is_test and target.startswith(TEST_ONLY):
            yield line, f"only tests may include {target}"
        for library, folders in CONFINED.items():
            if path.startswith(tuple(f"{folder}/" for folder in (*folders, "tests"))):
                continue
            if is_of(target, library):
                yield line, f"{library} is only for {', '.join(folders)}: {target}"
            elif below and library in checkout.libraries(below):
                yield line, f'"{target}" brings in {library}, only for {", ".join(folders)}'


def problems(root):
    checkout = Checkout(root)
    return [
        f"{path}:{line}: {text}"
        for path in checkout.includes
        for line, text in problems_of(checkout, path)
    ], len(checkout.includes)


def main(root="."):
    found, files = problems(root)
    print(*found, sep="\n", end="\n" if found else "")
    print(f"includes: {files} files, {len(found)} pointing the wrong way")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
