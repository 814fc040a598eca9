# SPDX-License-Identifier: Apache-2.0
"""One server of other people in a JVM on loopback: started, waited for, ended with the test that started it."""
import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

_pause = threading.Event()  # never set: waiting on it is how a poll yields the processor


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


class Peer:
    """A subclass gives `name`, `prepare()` and `command()`, and `answers()`, which raises OSError until the server is there."""

    name = "peer"

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix=f"tidemill-{self.name}-")
        self.process = None
        atexit.register(self.stop)

    def path(self, *parts):
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def start(self, seconds=240):
        self.prepare()
        begin = time.monotonic()
        with open(self.path("output.log"), "w") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            cwd=self.folder, start_new_session=True)
        while True:
            try:
                self.answers()
                break
            except OSError as failure:
                if self.process.poll() is not None or time.monotonic() - begin > seconds:
                    with open(self.path("output.log")) as log:
                        tail = log.read()[-4000:]
                    self.stop()
                    raise RuntimeError(f"{self.name} did not start in {time.monotonic() - begin:.0f} s ({failure}):\n{tail}")
            _pause.wait(0.1)
        self.ready_seconds = time.monotonic() - begin
        return self

    def stop(self):
        """What it stored goes with it, so nothing is lost by killing it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
