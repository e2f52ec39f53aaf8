"""A link of a given rate between two network namespaces of this machine."""

import os
import shutil
import subprocess

from rows.row import Skipped


class Link:
    """Two ends, each a command's prefix: `near`, where servers `listen`, and `far`. What
    goes from near to far is held to the rate. A context; needs root."""

    def __init__(self, rate):
        self._rate = rate
        self._near, self._far = (f"pinion-{end}-{os.getpid()}" for end in ("near", "far"))
        self.near = ("ip", "netns", "exec", self._near)
        self.far = ("ip", "netns", "exec", self._far)
        self.listen = "grpc://10.98.0.1:0"

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skipped("only root makes network namespaces")
        if missing := [tool for tool in ("ip", "tc") if not shutil.which(tool)]:
            raise Skipped(f"{' and '.join(missing)} of iproute2: not installed")
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in (self._near, self._far):
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)

    def _make(self):
        for name in (self._near, self._far):
            say("ip", "netns", "add", name)
        say("ip", "link", "add", "link0", "netns", self._near,
            "type", "veth", "peer", "name", "link0", "netns", self._far)
        for name, address in ((self._near, "10.98.0.1/24"), (self._far, "10.98.0.2/24")):
            say("ip", "-netns", name, "address", "add", address, "dev", "link0")
            say("ip", "-netns", name, "link", "set", "link0", "up")
        say("tc", "-netns", self._near, "qdisc", "add", "dev", "link0", "root", "tbf",
            "rate", self._rate, "burst", "256kb", "latency", "20ms")


def say(*words):
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Skipped(f"{' '.join(words)}: {done.stderr.strip()}")
