# SPDX-License-Identifier: Apache-2.0
"""Stories and how they are told: a suite runs its stories one after another and prints 'N passed, N failed' last."""
import atexit
import os
import re
import sys
import threading
import time
import traceback

_pause = threading.Event()  # never set: waiting on it is how a poll yields the processor


def until(condition, what, seconds=30.0, every=0.02):
    """Returns condition()'s first true value; fails with `what` and the last value seen after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what} (last seen: {value!r})")
        _pause.wait(every)


def equal(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what} is {found!r}, expected {expected!r}")


def contains(text, part, what="text"):
    if part not in text:
        raise AssertionError(f"{what} lacks {part!r}: {text!r}")


def matches(text, pattern, what="text"):
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise AssertionError(f"{what} has nothing like /{pattern}/: {text!r}")
    return found


def holds(truth, what):
    if not truth:
        raise AssertionError(what)


class Suite:
    """Stories of one file. A story is a function; its title is a true sentence."""

    def __init__(self, name, after_each=None):
        self.name, self.after_each = name, after_each
        self.stories = []

    def story(self, title):
        def add(function):
            self.stories.append((title, function))
            return function
        return add

    def main(self):
        """Runs the stories whose title contains one of the arguments that are no options; all of them without any."""
        words = [a for a in sys.argv[1:] if not a.startswith("-")]
        chosen = [s for s in self.stories if not words or any(w in s[0] for w in words)]
        passed, failed = 0, []
        for title, function in chosen:
            begin = time.monotonic()
            try:
                function()
                verdict = "ok  "
                passed += 1
            except Exception:  # a story that fails must not keep the others from being told
                verdict = "FAIL"
                failed.append(title)
                traceback.print_exc(file=sys.stdout)
            if self.after_each:
                self.after_each()
            print(f"{verdict} {title} ({time.monotonic() - begin:.1f} s)", flush=True)
        for title in failed:
            print(f"failed: {title}")
        print(f"{passed} passed, {len(failed)} failed", flush=True)
        # Threads of client libraries may linger; the verdict is known.
        sys.stdout.flush()
        atexit._run_exitfuncs()  # ends the instances: _exit() alone would leave them running
        os._exit(0 if passed and not failed else 1)
