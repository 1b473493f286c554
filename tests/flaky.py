"""Repeats tests beside a load of its own, to find those that fail now and then: ``make flaky PART=kernel N=10``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

#: What ``make test`` calls its parts.
PARTS: Final = {
    "python": ["-m", "not packaging", "--ignore=tests/kernel", "--ignore=tests/browser", "tests"],
    "kernel": ["tests/kernel"],
    "browser": ["tests/browser"],
}
#: Keeps one processor busy, and ends with whoever started it, however that ends: its input is closed then.
BUSY: Final = """
import sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), __import__("os")._exit(0)), daemon=True).start()
while True:
    pass
"""


@contextmanager
def load(processes: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes that do nothing but work, for the time of a ``with`` block."""
    with ExitStack() as stack:
        busy = [subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE) for _ in range(processes)]
        for process in busy:
            stack.enter_context(process)
            stack.callback(process.kill)
        yield busy


def repeat(part: str, times: int, options: Sequence[str]) -> int:
    """Run a part of the tests again and again, each time in a new process.

    Args:
        part: a key of ``PARTS``, or what pytest calls a node id.
        times: how often.
        options: further ones of pytest.

    Returns:
        how many of the runs failed; what failed in them was printed.
    """
    command = [sys.executable, "-m", "pytest", "-q", *PARTS.get(part, [part]), *options]
    failures = 0
    for number in range(1, times + 1):
        failed = subprocess.run(command).returncode != 0
        failures += failed
        print(f"run {number} of {times}: {'FAILED' if failed else 'passed'}, {failures} failed so far", flush=True)
    return failures


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 1 if a run failed."""
    parser = argparse.ArgumentParser(prog="make flaky", description=__doc__)
    parser.add_argument("part", help=f"{', '.join(PARTS)}, or a node id of pytest")
    parser.add_argument("times", type=int)
    parser.add_argument("--busy", type=int, default=2, help="processes that work beside the tests")
    given, options = parser.parse_known_args(arguments)
    with load(given.busy):
        return 1 if repeat(given.part, given.times, options) else 0


if __name__ == "__main__":
    sys.exit(main())
