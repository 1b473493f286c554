from __future__ import annotations

import time

import pytest

from primwidgets._progress.terminal_text import as_on_a_terminal
from tests.monitored import PATIENCE


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("  1%|x|\r 50%|xx|\r100%|xxx|\ndone\n", "100%|xxx|\ndone\n"),
        ("left as it is\r", "left as it is"),
        ("bar\r   \r", ""),
        ("\r\r\n", "\n"),
        ("\x1b[1;31mred\x1b[0m and \x9b32mgreen", "red and green"),
        ("\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("one\x1b[2K\rtwo\x1b[A\x1b7", "two"),
        ("bell\x07, null\x00, \x1b(Bletters", "bell, null, letters"),
        ("cut off: \x1b[3", "cut off: 3"),
        ("<b>👩‍🔬</b> עברית", "<b>👩‍🔬</b> עברית"),
    ],
)
def test_text_is_left_as_a_terminal_would_leave_it(written: str, shown: str) -> None:
    assert as_on_a_terminal(written) == shown


@pytest.mark.parametrize("unit", ["x", "\x1b", "\x1b[", "\r", "x\r", "\x1b]8;;", "\x1bP"])
def test_the_time_for_a_text_grows_with_its_length_only(unit: str) -> None:
    began = time.thread_time()
    as_on_a_terminal(unit * 300_000)
    assert time.thread_time() - began < PATIENCE, "0.1 s; a quadratic one takes hours"
