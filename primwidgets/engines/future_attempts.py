"""The attempts of a call on an engine whose jobs are futures, as one future."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from typing_extensions import override

from primwidgets.engines.attempts import AttemptRules, AttemptsJob
from primwidgets.engines.base import Engine, FunctionCall, FunctionJob, FutureJob


def first_attempt(job: FunctionJob[Any], call: FunctionCall, engine: Engine, rules: AttemptRules) -> AttemptsJob:
    """A job for ``call``, whose first attempt is ``job``; a future where ``job`` is one."""
    made = FutureAttemptsJob if isinstance(job, FutureJob) else AttemptsJob
    return made(job, call, engine, rules)


class FutureAttemptsJob(AttemptsJob, FutureJob[Any]):  # type: ignore[misc]  # cancel() may return None, too
    """Attempts that are futures, as one future."""

    def __init__(self, first: FunctionJob[Any], call: FunctionCall, engine: Engine, rules: AttemptRules) -> None:
        self.future = Future()
        super().__init__(first, call, engine, rules)

    @override
    def announce_end(self, last: FunctionJob[Any], error: BaseException | None) -> None:
        inner: Future[Any] = last.future  # type: ignore[attr-defined]  # all attempts are of one kind
        if error is None and inner.cancelled():
            self.future.cancel()
            self.future.set_running_or_notify_cancel()  # else concurrent.futures.wait would not see it
        elif (error := error or inner.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(inner.result())
