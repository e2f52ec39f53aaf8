"""Builds the clients in other languages, each once a test run, with what the host has."""

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


def demand(kind):
    """Skips the test of a client whose toolchain is missing, and says so; CI must have all."""
    missing = [word for word in TOOLS[kind] if shutil.which(word) is None]
    if not missing:
        return
    reason = f"NOT TESTED with {kind}: there is no {', '.join(missing)}"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must have it")
    pytest.skip(reason)


def run(*words, cwd, env=None):
    result = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}:\n{result.stdout[-4000:]}")


@functools.cache
def go():
    demand("go")
    program = BUILD / "go" / "scenarios"
    run("go", "build", "-mod=readonly", "-o", program, ".", cwd=FOLDER / "go")
    return [str(program)]


@functools.cache
def go_test(package):
    """The tests of a package, as a program."""
    demand("go")
    program = BUILD / "go" / f"{package}.test"
    run("go", "test", "-c", "-mod=readonly", "-o", program, f"./{package}", cwd=FOLDER / "go")
    return [str(program)]


@functools.cache
def rust():
    demand("rust")
    target = BUILD / "rust"
    run(
        "cargo", "build", "--quiet", "--locked", "--release", "--target-dir", target,
        cwd=FOLDER / "rust",
    )
    return [str(target / "release" / "scenarios")]


@functools.cache
def java(program="Scenarios"):
    return [*_java(), program]


@functools.cache
def _java():
    demand("java")
    target = BUILD / "java"
    run(
        "mvn", "--batch-mode", "--quiet", f"-Dbuild.folder={target}", "package",
        cwd=FOLDER / "java",
    )
    opens = "--add-opens=java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED"
    jars = f"{target / 'scenarios.jar'}:{target / 'libraries'}/*"
    return ["java", opens, "-cp", jars]


@functools.cache
def cpp():
    program = os.environ.get("PINION_CPP_SCENARIOS")
    if not program:
        if os.environ.get("CI"):
            pytest.fail("CI must set PINION_CPP_SCENARIOS to run the client that the build makes")
        pytest.skip("NOT TESTED with C++: PINION_CPP_SCENARIOS is not set")
    return shlex.split(program)
