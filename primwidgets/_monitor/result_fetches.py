"""The result as a future: for callers that cannot be blocked in the provider's ``result()`` on their own thread."""

from __future__ import annotations

import threading
from typing import Any

from primwidgets._monitor.helper_threads import Fetch, on_helper_thread
from primwidgets._monitor.result_calls import ResultCalls
from primwidgets.adapters.base import Adapter


class ResultFetches:
    """Has the result of one job received on a helper thread, or by a callback on the job's event loop. Any thread.

    Args:
        adapter: of the job.
        calls: make the provider's call.
    """

    def __init__(self, adapter: Adapter[Any], calls: ResultCalls) -> None:
        self._adapter = adapter
        self._calls = calls
        self._shared: Fetch | None = None
        self._lock = threading.Lock()

    def begin(self, kwargs: dict[str, Any]) -> Fetch | None:
        """The provider's ``result(**kwargs)`` as a future; ``None`` if no helper thread is free.

        Calls without keywords share one call of the provider; with keywords each has its own.
        """
        with self._lock:
            if self._shared is not None and not kwargs:
                return self._shared
            fetch = Fetch()
            if not self._start(fetch, kwargs):
                return None
            if not kwargs:
                self._shared = fetch
            return fetch

    def _start(self, fetch: Fetch, kwargs: dict[str, Any]) -> bool:
        loop = self._adapter.event_loop
        if loop is None:
            return on_helper_thread(lambda: self._finish(fetch, kwargs), fetch.context)
        loop.call_soon_threadsafe(self._adapter.job.add_done_callback, lambda _: self._finish(fetch, kwargs))
        return True

    def _finish(self, fetch: Fetch, kwargs: dict[str, Any]) -> None:
        __tracebackhide__ = True
        try:
            outcome = self._calls.make_for(kwargs, lambda: self._returned(fetch))
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is awaited)
            fetch.set_exception(error)
        else:
            fetch.set_result(outcome)

    def _returned(self, fetch: Fetch) -> None:
        with self._lock:
            if self._shared is fetch:
                self._shared = None
