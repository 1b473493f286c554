from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from primwidgets import _border as border
from primwidgets.snapshot import MESSAGE_LIMIT
from tests.monitored import in_thread, join


class Text(str):
    """A text of a stranger's."""

    def __str__(self) -> str:
        raise SystemExit


class Unprintable(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt if threading.current_thread() is not threading.main_thread() else SystemExit


class Wordy(Exception):
    def __str__(self) -> str:
        return Text("x" * 100_000)


def fail(error: BaseException) -> None:
    raise error


def test_what_a_call_returns_is_handed_on() -> None:
    assert border.call(divmod, 7, 2) == border.Returned((3, 1))
    assert border.call(dict, a=1) == border.Returned({"a": 1})


@pytest.mark.parametrize(
    "error", [ValueError("no"), SystemExit(1), GeneratorExit(), Unprintable()], ids=lambda e: type(e)
)
def test_whatever_a_call_raises_is_contained(error: Any) -> None:
    raised = border.call(fail, error)

    assert isinstance(raised, border.Raised)
    assert raised.error is error
    assert raised.text.startswith(type(error).__name__)


def test_an_interrupt_gets_through_on_the_main_thread_and_nowhere_else() -> None:
    with pytest.raises(KeyboardInterrupt):
        border.call(fail, KeyboardInterrupt())
    contained: list[object] = []
    join(in_thread(lambda: contained.append(border.call(fail, KeyboardInterrupt()))))

    assert isinstance(contained[0], border.Raised)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such qubit"), "ValueError: no such qubit"),
        (ValueError(), "ValueError"),
        (Unprintable(), "Unprintable"),
        (Wordy(), "Wordy: " + "x" * (MESSAGE_LIMIT - 1) + "…"),
    ],
    ids=["message", "no message", "unprintable", "wordy"],
)
def test_an_error_is_bounded_text_whatever_its_class_does(error: Exception, text: str) -> None:
    assert border.text_of(error) == text
    assert type(border.text_of(error)) is str


def test_a_complaint_is_made_once_of_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    log_once = border.LogOnce()
    for kind in ("read", "read", "send", "read", "send"):
        log_once.log(kind, "%s failed", kind, error=Unprintable())

    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warned == ["read failed", "send failed"]


def test_a_log_handler_that_raises_stops_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border._LOG, "log", lambda *_, **__: fail(SystemExit()))
    border.LogOnce().log("read", "failed", error=ValueError())
