"""What a row of the report is, and what it may use."""

import dataclasses
import pathlib
import shutil
import typing

PYTHON_SERVER = "Python server"
PINION = "pinion"
ROWS = {}


class Skipped(Exception):
    """A row cannot be measured here; says why."""


@dataclasses.dataclass
class Row:
    """`open` is a context manager over the setting that gives the contestants, of which the
    first is what the others are compared with."""

    name: str
    title: str
    open: typing.Callable
    goals: list
    once: bool = False  # too long for several rounds


@dataclasses.dataclass
class Setting:
    """What every row needs: the program, the data, the peers."""

    binary: str
    inputs: object
    peers: "Peers"
    quick: bool
    repeats: int


class Peers:
    """Programs that pinion is compared with, as `./dev bench` installs them. Those that are
    not there are kept in `missing`: {name: why}."""

    def __init__(self, folder):
        self._paths = {
            "Quack": installed(pathlib.Path(folder, "quack-venv"), "python"),
            "ROAPI": installed(pathlib.Path(folder, "roapi-venv"), "roapi"),
            "iperf3": shutil.which("iperf3"),
            "h2load": shutil.which("h2load"),
        }
        self.missing = {name: "it is not installed"
                        for name, path in self._paths.items() if path is None}

    def find(self, name):
        """Its program (Quack: a Python that has it), or None."""
        return self._paths[name]

    def require(self, name):
        if name in self.missing:
            raise Skipped(f"{name}: {self.missing[name]}")
        return self._paths[name]


def installed(venv, program):
    """A program of a Python environment; None unless its installation went to the end."""
    return venv / "bin" / program if (venv / "requirements.txt").exists() else None


def row(name, title, *goals, once=False):
    """Makes a generator of contestants a row of the report."""

    def add(open_):
        ROWS[name] = Row(name, title, open_, list(goals), once)
        return open_

    return add
