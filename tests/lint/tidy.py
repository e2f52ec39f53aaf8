"""Runs clang-tidy on our sources, on all processors: tidy.py --build DIR --cache DIR [FILE...].

A file that passed is not looked at again until it, a header of ours that it includes, the
way it is compiled, the checks or the installed packages change.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
PACKAGES = pathlib.Path("/var/lib/dpkg/status")


class Tidy:
    def __init__(self, build, cache):
        self.root = pathlib.Path.cwd()
        self.build = pathlib.Path(build).resolve()
        self.cache = pathlib.Path(cache)
        self.commands = {
            entry["file"]: entry["command"]
            for entry in json.loads((self.build / "compile_commands.json").read_text())
        }
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True)
        packages = PACKAGES.read_bytes() if PACKAGES.exists() else b""
        checks = (self.root / ".clang-tidy").read_bytes()
        self.tools = hashlib.sha256(version.stdout + checks + packages).digest()

    def headers(self, path, folders, seen):
        """Adds the files of ours that `path` includes, directly or not, to `seen`."""
        for name in INCLUDE.findall(path.read_bytes()):
            for folder in (path.parent, *folders):
                header = folder / name.decode()
                if header.is_file() and header not in seen:
                    seen.add(header)
                    self.headers(header, folders, seen)
                    break
        return seen

    def key(self, file):
        """Same key, same result; the place of the checkout does not count."""
        command = self.commands[file]
        folders = [
            pathlib.Path(word[2:])
            for word in shlex.split(command)
            if word.startswith("-I" + str(self.root))
        ]
        digest = hashlib.sha256(self.tools)
        digest.update(command.replace(str(self.root), "").encode())
        for path in [pathlib.Path(file), *sorted(self.headers(pathlib.Path(file), folders, set()))]:
            digest.update(str(path).replace(str(self.root), "").encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return self.cache / digest.hexdigest()

    def check(self, file):
        """(passed, whether that was known, what clang-tidy says)"""
        passed = self.key(file)
        if passed.exists():
            passed.touch()  # so that the oldest may be removed
            return True, True, ""
        run = subprocess.run(
            ["clang-tidy", "--quiet", "--use-color=0", "-p", str(self.build), file],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if run.returncode == 0:
            passed.touch()
            return True, False, ""
        return False, False, run.stdout.replace(f"{self.root}/", "") or run.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("files", nargs="*", help="all by default")
    arguments = parser.parse_args()
    os.makedirs(arguments.cache, exist_ok=True)
    tidy = Tidy(arguments.build, arguments.cache)
    files = [os.path.abspath(name) for name in arguments.files] or sorted(
        file for file in tidy.commands if not file.startswith(str(tidy.build))
    )
    unbuilt = [file for file in files if file not in tidy.commands]
    if unbuilt:
        sys.exit(f"clang-tidy: no part of this build: {unbuilt[0]}")
    failed = known = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for ok, was_known, said in pool.map(tidy.check, files):
            known += was_known
            failed += not ok
            print(said, end="", flush=True)
    print(f"clang-tidy: {len(files)} files, {known} unchanged since they passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
