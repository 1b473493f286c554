from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from primwidgets._progress import terminal_line
from primwidgets._progress.terminal_line import LineContent, claim_line, is_terminal, no_line, print_above


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    terminal = FakeTerminal()
    monkeypatch.setattr(terminal_line, "sys", SimpleNamespace(stderr=terminal))  # pytest sets the real one anew
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal_line, "_rich_bar", lambda: None)
    return terminal


def drawn(terminal: FakeTerminal) -> str:
    return terminal.getvalue().rpartition("\x1b[2K")[2]


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (0.0, "fit [..................] 0 % 3 of 7 1:05"),
        (0.001, "fit [..................] <1 % 3 of 7 1:05"),
        (0.999, "fit [#################.] 99 % 3 of 7 1:05"),
        (1.0, "fit [##################] 100 % 3 of 7 1:05"),
        (None, "fit 3 of 7 1:05"),
    ],
)
def test_the_line_never_rounds_to_what_is_not_true(terminal: FakeTerminal, fraction: float, shown: str) -> None:
    line = claim_line()
    assert line is not None
    line.draw(LineContent("fit", fraction, "3 of 7", 65.0))
    assert drawn(terminal) == shown
    line.end()
    assert drawn(terminal) == ""


def test_there_is_one_line_at_a_time(terminal: FakeTerminal) -> None:
    line = claim_line()
    assert line is not None
    assert claim_line() is None
    line.end()
    line.draw(LineContent("late", None, "", 0))
    assert terminal.getvalue() == "", "who has let it go draws no more"
    again = claim_line()
    assert again is not None
    again.end()


def test_untrusted_and_long_text_stays_one_line(terminal: FakeTerminal) -> None:
    line = claim_line()
    assert line is not None
    line.draw(LineContent("a\nb\x1b[31m" + "名" * 1000, 0.5, "\x1b]0;title\x07text" + "y" * 1000, 0))
    shown = drawn(terminal)
    line.end()
    assert shown.startswith("a b名")
    assert not {"\n", "\x1b", "\x07"} & set(shown)
    assert sum(2 if character == "名" else 1 for character in shown) <= 79


def test_what_is_printed_stands_above_and_a_question_has_no_line(terminal: FakeTerminal) -> None:
    line = claim_line()
    assert line is not None
    line.draw(LineContent("fit", None, "1", 0))
    print_above(lambda: terminal.write("printed\n"))
    wipe = "\r\x1b[2K"
    assert terminal.getvalue() == f"{wipe}fit 1 0:00{wipe}printed\n{wipe}fit 1 0:00"
    with no_line():
        before = terminal.getvalue()
        line.draw(LineContent("fit", None, "2", 0))
        assert terminal.getvalue() == before
    line.draw(LineContent("fit", None, "2", 0))
    assert drawn(terminal) == "fit 2 0:00"
    line.end(leave=True)
    assert drawn(terminal) == "fit 2 0:00\n"


def test_a_terminal_that_is_gone_does_no_harm(terminal: FakeTerminal) -> None:
    line = claim_line()
    assert line is not None
    terminal.close()
    line.draw(LineContent("fit", 0.5, "", 0))
    line.end()
    assert not is_terminal(io.TextIOWrapper(io.BytesIO()))
    assert not is_terminal(None)
