from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from primwidgets import WidgetJob
from primwidgets._monitor.interrupts import interrupts_raise
from primwidgets._monitor.waiting_line import WAKE_SECONDS, wait_visibly
from primwidgets.snapshot import JobSnapshot
from tests.monitored import PATIENCE

_waiting = threading.Event()


class _Seen(WidgetJob[int, Any]):
    def snapshot_changed(self, snapshot: JobSnapshot) -> None:
        if snapshot.waiting:
            _waiting.set()


def test_in_asyncio_run_an_interrupt_ends_the_waiting() -> None:
    async def main() -> None:
        before = signal.getsignal(signal.SIGINT)
        assert isinstance(before, partial), "asyncio.run has put its own handler there"
        never: Future[int] = Future()
        job = _Seen(never)
        main_thread = threading.main_thread().ident
        assert main_thread is not None

        def interrupt() -> None:
            if _waiting.wait(PATIENCE):
                signal.pthread_kill(main_thread, signal.SIGINT)
            else:
                never.set_exception(AssertionError("nobody waits"))

        threading.Thread(target=interrupt, daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            job.result()
        assert signal.getsignal(signal.SIGINT) is before

    asyncio.run(main())


def test_a_handler_of_the_users_own_stays() -> None:
    def own(*_: object) -> None: ...

    before = signal.signal(signal.SIGINT, own)
    try:
        with interrupts_raise():
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_on_other_threads_nothing_is_changed() -> None:
    async def main() -> None:
        handlers: list[Any] = []

        def look() -> None:
            with interrupts_raise():
                handlers.append(signal.getsignal(signal.SIGINT))

        await asyncio.to_thread(look)
        assert handlers == [signal.getsignal(signal.SIGINT)]

    asyncio.run(main())


class _CountedEvent(threading.Event):
    """Is set after some waits in vain, and notes how long each of them might have been."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return len(self.waits) > 3


def test_the_thread_wakes_every_second_so_that_an_interrupt_in_the_wrong_moment_is_not_missed() -> None:
    event = _CountedEvent()
    assert wait_visibly(event, None, lambda: JobSnapshot(uid="u"))
    assert event.waits == [WAKE_SECONDS] * 4
