"""A plugin of pytest that slows one side of each seam between threads down, to find what only a quick side hides.

``--slowed tests`` has a test wait at each of its lines, so that whatever it started is over before the test looks.
``--slowed threads`` has all other threads wait at functions of primwidgets, so that a test looks before they are there.
Loaded by ``make test-slowed``; a test that is right passes with both.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import primwidgets

LINE = 0.02  # seconds at each line of a test
TIMES = 3  # that a line waits, so that a loop does not wait for ever
CALL = 0.1  # seconds at a function that is called on another thread, at most
SHARE = 0.01  # of these calls that wait

#: Of its own, since Hypothesis seeds that of the module `random`.
_chance = random.Random()

TESTS = str(Path(__file__).parent)
PACKAGE = str(Path(primwidgets.__file__).parent)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slowed", choices=["tests", "threads"], help="which side of each seam is slow")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--slowed") == "threads":
        threading.settrace(_slow_threads)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    if pyfuncitem.config.getoption("--slowed") != "tests":
        return (yield)
    sys.settrace(_SlowLines().enter)
    try:
        return (yield)
    finally:
        sys.settrace(None)


class _SlowLines:
    """Waits at the lines of the modules of tests, on one thread."""

    def __init__(self) -> None:
        self._passed: Counter[tuple[CodeType, int]] = Counter()

    def enter(self, frame: FrameType, _event: str, _value: Any) -> Any:
        file = frame.f_code.co_filename
        return self._line if file.startswith(TESTS) and "/test_" in file else None

    def _line(self, frame: FrameType, event: str, _value: Any) -> Any:
        at = frame.f_code, frame.f_lineno
        self._passed[at] += 1
        if event == "line" and self._passed[at] <= TIMES:
            time.sleep(LINE)
        return self._line


def _slow_threads(frame: FrameType, _event: str, _value: Any) -> None:
    if frame.f_code.co_filename.startswith(PACKAGE) and _chance.random() < SHARE:
        time.sleep(_chance.uniform(0, CALL))
