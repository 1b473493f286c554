"""A provider's warnings and log records name the caller's place, as without a card."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from qiskit.primitives import StatevectorSampler

from primwidgets import WidgetJob
from primwidgets.primitives import watch
from tests.test_callers_thread import BoundJob

_log = logging.getLogger(__name__)


def warn() -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=3)


class WarningJob(BoundJob):
    """A job that warns of each of its members with the caller's place."""

    def __init__(self) -> None:
        super().__init__(lambda: 5)
        self.__dict__["old_value"] = 1

    def result(self) -> Any:
        warn()
        return super().result()

    def status(self) -> str:
        warn()
        return super().status()

    def done(self) -> bool:
        warn()
        return super().done()

    def running(self) -> bool:
        warn()
        return super().running()

    def cancelled(self) -> bool:
        warn()
        return super().cancelled()

    def in_final_state(self) -> bool:
        warn()
        return super().in_final_state()

    def cancel(self) -> None:
        warn()

    def job_id(self) -> str:
        warn()
        return super().job_id()

    def own_method(self) -> None:
        warn()

    @property
    def old(self) -> int:
        warn()
        return 1

    @old.setter
    def old(self, _: int) -> None:
        warn()

    @property
    def progress(self) -> float:
        warn()
        return 1

    def __len__(self) -> int:
        warn()
        return 1

    def __getitem__(self, key: int) -> int:
        warn()
        return key

    def logs(self) -> None:
        _log.warning("old", stacklevel=2)


def set_old(job: Any) -> None:
    job.old = 3


USES: list[Callable[[Any], Any]] = [
    lambda job: job.result(),
    lambda job: job.status(),
    lambda job: job.done(),
    lambda job: job.running(),
    lambda job: job.cancelled(),
    lambda job: job.in_final_state(),
    lambda job: job.cancel(),
    lambda job: job.job_id(),
    lambda job: job.own_method(),
    lambda job: job.old,
    lambda job: job.progress,
    lambda job: len(job),
    lambda job: job[0],
    set_old,
]


@pytest.fixture
def job() -> WidgetJob[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return WidgetJob(WarningJob())


def places(call: Callable[[], Any]) -> list[tuple[str, int]]:
    """The lines that the warnings of ``call`` name, as far as they come from this thread."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [(warning.filename, warning.lineno) for warning in caught if warning.filename == __file__]


@pytest.mark.parametrize("use", USES, ids=range(len(USES)))
def test_a_warning_names_the_callers_line(job: WidgetJob[Any, Any], use: Callable[[Any], Any]) -> None:
    bare = places(lambda: use(job.job))
    assert len(bare) == 1

    assert bare[0] in places(lambda: use(job))


def test_a_warning_with_a_time_out_of_the_providers_names_the_callers_line() -> None:
    class Timed(WarningJob):
        def result(self, timeout: float | None = None) -> Any:
            warn()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        timed: WidgetJob[Any, Any] = WidgetJob(Timed())

    uses: list[Callable[[Any], Any]] = [lambda job: job.result(3), lambda job: job.result(timeout=3)]
    for use in uses:
        assert places(partial(use, timed.job))[0] in places(partial(use, timed))


def test_a_warning_of_a_watched_primitives_run_names_the_callers_line() -> None:
    class Sampler(StatevectorSampler):  # type: ignore[misc]  # qiskit has no types
        def run(self, *_: Any, **__: Any) -> Any:
            warnings.warn("old", DeprecationWarning, stacklevel=2)
            return BoundJob(lambda: 1)

    sampler = Sampler()
    use: Callable[[Any], Any] = lambda sampler: sampler.run([])  # noqa: E731

    assert places(partial(use, sampler)) == places(partial(use, watch(sampler))) != []


def test_a_log_record_names_the_callers_line(job: WidgetJob[Any, Any], caplog: pytest.LogCaptureFixture) -> None:
    job.logs()

    assert caplog.records[-1].funcName == "test_a_log_record_names_the_callers_line"


@pytest.mark.parametrize("use", ["job.result()", "job.old", "len(job)", "job.job_id()"])
def test_pythons_default_filter_shows_it_in_the_main_program(job: WidgetJob[Any, Any], use: str) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
        exec(use, {"__name__": "__main__", "job": job})

    assert [(warning.filename, warning.lineno) for warning in caught] == [("<string>", 1)]


def test_a_traceback_shows_the_lines_of_functions_that_are_not_counted() -> None:
    try:
        WidgetJob(BoundJob(lambda: 1 / 0)).result()
    except ZeroDivisionError:
        assert "return function()" in traceback.format_exc()
