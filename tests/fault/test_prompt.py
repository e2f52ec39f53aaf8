"""Ctrl-C and SIGTERM at the prompt of `pinion sql`."""

import os
import pty
import signal
import subprocess
import termios
import threading

import pytest
import server_process
from server_process import eventually

pytestmark = pytest.mark.skipif(
    server_process.is_plain_server(), reason="the plain server has no prompt"
)

PROMPT = b"pinion> "
ENDLESS_WORK = (
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 42"
)
ENDLESS_RESULT = "SELECT a.range AS a FROM range(10000000) a, range(10000000) b"
SECONDS = 90


class Prompt:
    """`pinion sql URI` on a terminal, that somebody types on."""

    def __init__(self, uri):
        self.terminal, end = pty.openpty()
        self.process = subprocess.Popen(
            [*server_process.program(), "sql", uri],
            stdin=end, stdout=end, stderr=end, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
        )
        os.close(end)
        self.shown = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.sees(PROMPT)

    def read(self):
        try:
            while chunk := os.read(self.terminal, 65536):
                self.shown += chunk
        except OSError:
            pass  # Linux says so when the other end is closed

    def sees(self, text):
        """Waits for it, and forgets what came until then.

        The prompt is drawn again with each key: something else has to be seen before.
        """
        eventually(lambda: text in self.shown, f"{text} after {self.shown[-500:]}", SECONDS)
        self.shown = self.shown[self.shown.index(text) + len(text):]

    def type(self, text):
        os.write(self.terminal, text.encode())

    def runs(self, statement):
        """Types it, and waits until keys are no longer read: it runs."""
        self.type(statement + ";\r")
        eventually(self.signals_are_on, "the statement runs", SECONDS)

    def signals_are_on(self):
        return termios.tcgetattr(self.terminal)[3] & termios.ISIG

    def ends(self):
        """The exit code."""
        code = self.process.wait(SECONDS)
        self.reader.join()
        os.close(self.terminal)
        return code


@pytest.fixture
def prompt(serve):
    prompt = Prompt(serve().uri)
    yield prompt
    if prompt.process.poll() is None:
        prompt.process.kill()
        prompt.ends()


@pytest.mark.parametrize("statement", [ENDLESS_WORK, ENDLESS_RESULT])
def test_ctrl_c_ends_the_statement_and_not_the_session(prompt, statement):
    prompt.type("SET VARIABLE before = 41;\r")
    prompt.sees(b"0 rows")
    prompt.sees(PROMPT)
    for _ in range(2):
        prompt.runs(statement)
        prompt.process.send_signal(signal.SIGINT)
        prompt.sees(b"error: interrupted")
        prompt.sees(PROMPT)
    prompt.type("SELECT getvariable('before') + 1 AS after;\r")
    prompt.sees(b"42")
    prompt.sees(PROMPT)
    prompt.type("\\q\r")
    assert prompt.ends() == 0


def test_ctrl_c_gives_up_what_is_typed(prompt):
    prompt.type("SELECT 1,\r")
    prompt.sees(b"-> ")
    prompt.type("nonsense\x03")
    prompt.sees(PROMPT)
    prompt.type("SELECT 6 * 7;\r")
    prompt.sees(b"42")
    prompt.sees(PROMPT)
    prompt.type("\x04")
    assert prompt.ends() == 0


def test_sigterm_ends_the_session(prompt):
    prompt.runs(ENDLESS_WORK)
    prompt.process.send_signal(signal.SIGTERM)
    assert prompt.ends() == 128 + signal.SIGTERM


def test_sigterm_after_ctrl_c_ends_it_too(prompt):
    prompt.runs(ENDLESS_WORK)
    prompt.process.send_signal(signal.SIGINT)
    prompt.sees(b"error: interrupted")
    prompt.sees(PROMPT)
    prompt.process.send_signal(signal.SIGTERM)
    assert prompt.ends() == 128 + signal.SIGTERM
