"""The scenarios' steps by a program in another language, a line each."""

import json
import queue
import subprocess
import threading

ANSWER_SECONDS = 120


class ProcessClient:
    def __init__(self, words, *arguments):
        self._answers = queue.Queue()
        self._process = subprocess.Popen(
            [*words, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def answer(self, step):
        self._process.stdin.write(json.dumps(step) + "\n")
        self._process.stdin.flush()
        try:
            line = self._answers.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            self._process.kill()  # a late answer must not be taken for that to a later step
            raise AssertionError(f"no answer within {ANSWER_SECONDS} s") from None
        assert line is not None, f"the client ended with {self._process.wait()}"
        return json.loads(line)

    def close(self):
        """End of its input is its end."""
        self._process.stdin.close()
        try:
            code = self._process.wait(ANSWER_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
        assert code == 0, f"the client ended with {code}"

    def _read(self):
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)
