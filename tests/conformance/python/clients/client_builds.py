"""Builds the clients in other languages, each once a test run, with what the host has."""

import fcntl
import functools
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

CHECKOUT = pathlib.Path(__file__).parents[4]
FOLDER = CHECKOUT / "tests" / "conformance"
BUILD = CHECKOUT / "build" / "conformance"

TOOLS = {"go": ["go"], "rust": ["cargo"], "java": ["javac", "mvn"], "cpp": []}


def missing_tools(kind):
    return [word for word in TOOLS[kind] if shutil.which(word) is None]


def demand(kind):
    """Skips the test of a client whose toolchain is missing, and says so; CI must have all."""
    missing = missing_tools(kind)
    if not missing:
        return
    reason = f"NOT TESTED with {kind}: there is no {', '.join(missing)}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must have it")
    pytest.skip(reason)


def run(*words, cwd):
    result = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}:\n{result.stdout[-4000:]}")


def build(kind, name, *words):
    """Runs the command, but once a test run, whichever process of it comes first: another
    may have begun to use the result."""
    demand(kind)
    BUILD.mkdir(parents=True, exist_ok=True)
    test_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    with open(BUILD / f"{name}.built_for", "a+") as built_for:
        fcntl.flock(built_for, fcntl.LOCK_EX)
        built_for.seek(0)
        if test_run and built_for.read() == test_run:
            return
        run(*words, cwd=FOLDER / kind)
        built_for.truncate(0)
        built_for.write(test_run)


@functools.cache
def go():
    program = BUILD / "go" / "scenarios"
    build("go", "go", "go", "build", "-mod=readonly", "-o", program, ".")
    return [str(program)]


@functools.cache
def go_test(package):
    """The tests of a package, as a program."""
    program = BUILD / "go" / f"{package}.test"
    build("go", package, "go", "test", "-c", "-mod=readonly", "-o", program, f"./{package}")
    return [str(program)]


@functools.cache
def rust():
    target = BUILD / "rust"
    words = ["cargo", "build", "--quiet", "--locked", "--release", "--target-dir", target]
    build("rust", "rust", *words)
    return [str(target / "release" / "scenarios")]


@functools.cache
def java(program="Scenarios"):
    target = BUILD / "java"
    words = ["mvn", "--batch-mode", "--quiet", f"-Dbuild.folder={target}", "package"]
    build("java", "java", *words)
    opens = "--add-opens=java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED"
    return ["java", opens, "-cp", f"{target / 'scenarios.jar'}:{target / 'libraries'}/*", program]


def build_all():
    """Those whose toolchain is here. To be called before a test begins: it may take minutes."""
    for kind, build_it in {"go": go, "rust": rust, "java": java}.items():
        if not missing_tools(kind):
            build_it()


@functools.cache
def cpp():
    program = os.environ.get("PINION_CPP_SCENARIOS")
    if not program:
        if os.environ.get("CI"):
            pytest.fail("CI must set PINION_CPP_SCENARIOS to run the client that the build makes")
        pytest.skip("NOT TESTED with C++: PINION_CPP_SCENARIOS is not set")
    return shlex.split(program)
