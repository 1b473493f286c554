"""The engines that run calls on this machine, for tests of what all of them do alike."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.threads import LocalEngine

LOCAL_ENGINES: Final = ("threads", "process", "thread pool", "process pool")


@contextmanager
def local_engine(kind: str) -> Iterator[Any]:
    """One of ``LOCAL_ENGINES``, with one worker where that has a price."""
    match kind:
        case "threads":
            yield LocalEngine(threads=2)
        case "process":
            made = ProcessEngine(workers=1)
            yield made
            made.close()
        case "thread pool":
            with ThreadPoolExecutor(1) as threads:
                yield threads
        case _:
            with ProcessPoolExecutor(1) as processes:
                yield processes
