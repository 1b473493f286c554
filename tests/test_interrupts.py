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
