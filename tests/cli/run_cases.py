#!/usr/bin/env python3
"""Runs the cases of the command line: run_cases.py FILE.case...

PINION_BIN names the program (shell words). The README beside this file describes the
format of a case. Standard library only.
"""

import argparse
import contextlib
import errno
import fcntl
import os
import pathlib
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

STEP_SECONDS = 120
SANITIZER = re.compile(rb"ERROR: (Address|Leak|Thread)Sanitizer|runtime error:")


class Failure(Exception):
    """What a step did that its case does not say."""


class Step:
    """One step of a case: what to do, and what must come of it."""

    def __init__(self, kind, text, line):
        self.kind = kind  # file, serve, stop, run or terminal
        self.text = text
        self.line = line
        self.body = []  # expected standard output, or a file's content
        self.stderr = []
        self.exit = 0


KINDS = {"file": "file", "serve": "serve", "stop": "stop", "$": "run", "@": "terminal"}


def parse(path):
    """The steps of a case file."""
    steps = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head, _, rest = line.partition(" ")
        step = steps[-1] if steps else None
        if head in KINDS:
            steps.append(Step(KINDS[head], rest, number))
        elif line.startswith("| ") or line == "|":
            step.body.append(line[2:])
        elif line.startswith("! ") or line == "!":
            step.stderr.append(line[2:])
        elif head == "exit":
            step.exit = int(rest)
        elif line and head != "#":
            raise SystemExit(f"{path}:{number}: cannot read this line: {line}")
    return steps


def line_pattern(line):
    """`{*}` stands for any text on the line, `{n}` for a number."""
    parts = re.split(r"(\{\*\}|\{n\})", line)
    special = {"{*}": ".*", "{n}": r"[0-9][0-9,.]*"}
    return "".join(special.get(part, re.escape(part)) for part in parts)


def check_text(what, expected, actual):
    """Compares line by line; `{...}` stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "{...}" else line_pattern(line) + r"\n" for line in expected
    )
    text = actual if not actual or actual.endswith("\n") else actual + "\n"
    if not re.fullmatch(pattern, text):
        wanted = "".join(f"    {line}\n" for line in expected) or "    (nothing)\n"
        got = "".join(f"    {line}\n" for line in actual.splitlines()) or "    (nothing)\n"
        raise Failure(f"{what} should be\n{wanted}  but is\n{got}")


def kill_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Server:
    """A `pinion serve` that listens on a free port."""

    def __init__(self, arguments, folder, environment):
        self.errors = folder / "serve.stderr"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                f"exec pinion serve {arguments}",
                shell=True,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,  # so that a line that was read is not waited for
                start_new_session=True,
            )
        self.uris = self._wait_until_ready(arguments.count("--listen"))

    def _wait_until_ready(self, listeners):
        uris = []
        deadline = time.monotonic() + STEP_SECONDS
        while len(uris) < listeners:
            readable, _, _ = select.select([self.process.stdout], [], [], 1)
            line = self.process.stdout.readline().decode() if readable else ""
            if line.startswith("listening on "):
                uris.append(line.split()[-1])
            elif (readable and not line) or time.monotonic() > deadline:
                kill_group(self.process)
                message = self.errors.read_text(encoding="utf-8", errors="replace")
                raise Failure(f"the server did not start:\n    {message}")
        return uris

    def stop(self):
        """Asks it to end; it must do so with 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STEP_SECONDS)
        except subprocess.TimeoutExpired:
            kill_group(self.process)
            raise Failure("the server did not end after SIGTERM") from None
        self.process.stdout.close()
        report = self.errors.read_bytes()
        # A case may kill its server.
        if code not in (0, -signal.SIGKILL) or SANITIZER.search(report):
            raise Failure(f"the server ended with {code}:\n{report.decode(errors='replace')}")


def run_plain(step, folder, environment):
    """Runs a command without a terminal."""
    process = subprocess.Popen(
        ["sh", "-c", step.text],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=STEP_SECONDS)
    except subprocess.TimeoutExpired:
        kill_group(process)
        raise Failure(f"it did not end within {STEP_SECONDS} seconds") from None
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


def read_terminal(master, process):
    """What is shown until all who hold the terminal have closed it."""
    shown = b""
    deadline = time.monotonic() + STEP_SECONDS
    while time.monotonic() < deadline:
        readable, _, _ = select.select([master], [], [], 1)
        if not readable:
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return shown
        if not chunk:
            return shown
        shown += chunk
    kill_group(process)
    raise Failure(f"it did not end within {STEP_SECONDS} seconds")


def screen(shown):
    """The lines that stay: what a carriage return and an erased line leave of them."""
    lines = []
    for line in shown.decode(errors="replace").replace("\r\n", "\n").split("\n"):
        lines.append(line.split("\r\x1b[K")[-1])
    return "\n".join(lines)


def run_on_terminal(step, folder, environment):
    """Runs a command on a terminal of 80 columns; output and errors are one."""
    master, slave = pty.openpty()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, master)
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        process = subprocess.Popen(
            ["sh", "-c", step.text],
            cwd=folder,
            env={**environment, "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        shown = read_terminal(master, process)
        return process.wait(), screen(shown), ""


def program_folder(folder):
    """A folder for PATH in which `pinion` is the program under test."""
    binary = os.environ.get("PINION_BIN")
    if not binary:
        raise SystemExit("PINION_BIN does not name the program to test")
    words = shlex.split(binary)
    if os.path.sep in words[0]:
        words[0] = os.path.abspath(words[0])
    programs = folder / "bin"
    programs.mkdir()
    wrapper = programs / "pinion"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return programs


class Case:
    """One case file, run in a folder of its own."""

    def __init__(self, path):
        self.path = path
        self.server = None

    def run(self):
        with tempfile.TemporaryDirectory(prefix="pinion-cli-") as name:
            root = pathlib.Path(name)
            work = root / "work"
            work.mkdir()
            environment = dict(os.environ)
            environment["PATH"] = f"{program_folder(root)}:{environment['PATH']}"
            environment["NO_COLOR"] = "1"
            environment["CHECKOUT"] = str(pathlib.Path(__file__).resolve().parents[2])
            environment.pop("COLUMNS", None)
            try:
                for step in parse(self.path):
                    self._run_step(step, work, environment)
            finally:
                self._stop_server()

    def _run_step(self, step, folder, environment):
        try:
            if step.kind == "file":
                (folder / step.text).write_text("\n".join(step.body) + "\n", encoding="utf-8")
            elif step.kind == "serve":
                self._stop_server()
                self._start_server(step.text, folder, environment)
            elif step.kind == "stop":
                self._stop_server()
            else:
                self._run_command(step, folder, environment)
        except Failure as failure:
            raise Failure(f"{self.path}:{step.line}: {step.text}\n  {failure}") from None

    def _start_server(self, arguments, folder, environment):
        if "--listen" not in arguments:
            arguments += " --listen grpc://127.0.0.1:0"
        self.server = Server(arguments, folder, environment)
        environment["URI"] = self.server.uris[0]
        environment["SERVER"] = str(self.server.process.pid)

    def _stop_server(self):
        server, self.server = self.server, None
        if server is not None:
            server.stop()

    @staticmethod
    def _run_command(step, folder, environment):
        run = run_on_terminal if step.kind == "terminal" else run_plain
        code, out, err = run(step, folder, environment)
        check_text("standard error", step.stderr, err)
        check_text("the output", step.body, out)
        if code != step.exit:
            raise Failure(f"the exit code should be {step.exit} but is {code}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="+", type=pathlib.Path, metavar="FILE")
    failed = 0
    cases = parser.parse_args().cases
    for path in cases:
        try:
            Case(path).run()
            print(f"ok      {path.stem}")
        except Failure as failure:
            failed += 1
            print(f"FAILED  {path.stem}\n  {failure}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
