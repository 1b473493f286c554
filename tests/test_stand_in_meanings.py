"""Where a job gives a name, an argument or a protocol its own meaning, the wrapped job has that meaning."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import pytest

from primwidgets import NotAJobError, WidgetJob
from tests.recording_comm import RecordingFrontend


class Job:
    """A finished job."""

    def __init__(self) -> None:
        self.count = 3

    def job_id(self) -> str:
        return "m1"

    def status(self) -> str:
        return "DONE"

    def result(self, timeout: float | None = None) -> Any:
        return 42

    def in_final_state(self) -> bool:
        return True

    def cancel(self) -> bool:
        return True


class SentinelTimeOut(Job):
    def result(self, timeout: Any = "until the default") -> Any:
        return timeout


class AnyKeyword(Job):
    def result(self, **options: Any) -> Any:  # type: ignore[override]
        return options


class KeywordOnly(Job):
    def result(self, *, sharpen: int = 1) -> Any:  # type: ignore[override]
        return sharpen


class PositionalOnly(Job):
    def result(self, shots: int, /, seed: int = 2) -> Any:  # type: ignore[override]
        return shots, seed


class OwnInterrupt(Job):
    def result(self, on_interrupt: int = 9) -> Any:  # type: ignore[override]
        return on_interrupt


class Awaited(Job):
    def __await__(self) -> Generator[Any, None, str]:
        yield from asyncio.sleep(0).__await__()
        return "awaited"


class AwaitedInVain(Job):
    def __await__(self) -> Generator[Any, None, str]:
        raise LookupError("await its parts")


class StateWithSetter(Job):
    @property
    def state(self) -> int:
        return self.count

    @state.setter
    def state(self, value: int) -> None:
        self.count = value

    @state.deleter
    def state(self) -> None:
        self.count = 0


class ReadOnlyState(Job):
    @property
    def state(self) -> str:
        return "theirs"


class Named(Job):
    name = "of the class"


class Rerunning(Job):
    def rerun(self, shots: int, *, seed: int = 2) -> Any:
        return shots, seed


class RerunFlag(Job):
    rerun = True


class WaitFlag(Job):
    wait = True


class WaitOfIts(Job):
    def wait(self, interval: float = 3.0) -> str:
        return f"waited, {interval}"


class OtherCheck(Job):
    def __subclasscheck__(self, kind: type) -> bool:
        return kind is int


class Logging(Job):
    def __init__(self) -> None:
        super().__init__()
        self.log: list[str] = []
        self.tooltip = "theirs"


class LogMethod(Job):
    def log(self, lines: int = 2) -> str:
        return f"the last {lines} lines"


def travelled() -> list[int]:
    return [1, 2]


class TravelsAsList(Job):
    def __reduce__(self) -> Any:
        return travelled, ()


def awaited(job: Any) -> Any:
    async def wait() -> Any:
        return await job

    return asyncio.run(wait())


def awaited_twice(job: Any) -> Any:
    async def wait() -> Any:
        return await job, await job

    return asyncio.run(wait())


def set_and_read(job: Any) -> Any:
    job.state = 7
    return job.state, job.count


def deleted(job: Any) -> Any:
    del job.state
    return job.count


def renamed(job: Any) -> Any:
    job.name = "renamed"
    own = job.name
    del job.name
    return own, job.name


MEANINGS: list[tuple[Callable[[], Any], Callable[[Any], Any]]] = [
    (SentinelTimeOut, lambda job: job.result()),
    (SentinelTimeOut, lambda job: job.result(None)),
    (SentinelTimeOut, lambda job: job.result(timeout=None)),
    (SentinelTimeOut, lambda job: job.result(0)),
    (SentinelTimeOut, lambda job: job.result(timedelta(seconds=3))),
    (SentinelTimeOut, lambda job: job.result(timeout="3s")),
    (AnyKeyword, lambda job: job.result(timeout=3, deep=True)),
    (AnyKeyword, lambda job: job.result(timeout="3s")),
    (AnyKeyword, lambda job: job.result(timeout=None)),
    (AnyKeyword, lambda job: job.result(deep=True)),
    (KeywordOnly, lambda job: (job.result(sharpen=3), job.result())),
    (PositionalOnly, lambda job: (job.result(1), job.result(1, 3), job.result(1, seed=4))),
    (PositionalOnly, lambda job: job.result()),
    (PositionalOnly, lambda job: job.result(shots=1)),
    (OwnInterrupt, lambda job: (job.result(), job.result(3), job.result(on_interrupt=4))),
    (Awaited, awaited),
    (Awaited, awaited_twice),
    (AwaitedInVain, awaited),
    (StateWithSetter, set_and_read),
    (StateWithSetter, deleted),
    (ReadOnlyState, set_and_read),
    (ReadOnlyState, deleted),
    (Named, renamed),
    (Rerunning, lambda job: job.rerun(5, seed=6)),
    (Rerunning, lambda job: job.rerun()),
    (RerunFlag, lambda job: job.rerun),
    (WaitFlag, lambda job: job.wait),
    (WaitOfIts, lambda job: (job.wait(), job.wait(1), job.wait(interval=2))),
    (WaitOfIts, lambda job: str(inspect.signature(job.wait))),
    (OtherCheck, lambda job: (issubclass(int, job), issubclass(str, job))),
    (Logging, lambda job: (job.log.append("begun"), job.log, job.tooltip)),
    (LogMethod, lambda job: job.log(5)),
    (TravelsAsList, lambda job: (pickle.loads(pickle.dumps(job)), copy.copy(job), copy.deepcopy(job))),
]


def outcome(use: Callable[[Any], Any], job: Any) -> tuple[str, object]:
    """What ``use`` gives, or the class and the text of what it raises."""
    try:
        return "gives", use(job)
    except Exception as error:  # noqa: BLE001  (those are compared, too)
        return type(error).__name__, str(error)


@pytest.mark.parametrize("index", range(len(MEANINGS)))
def test_the_wrapped_job_has_the_jobs_own_meaning(index: int) -> None:
    make, use = MEANINGS[index]

    assert outcome(use, WidgetJob(make())) == outcome(use, make())


def test_a_time_out_that_the_provider_does_not_have_is_ours_still() -> None:
    assert WidgetJob(KeywordOnly()).result(timeout=5) == 1


def test_a_card_is_drawn_where_the_job_has_names_of_widgets(frontend: RecordingFrontend) -> None:
    job: Any = WidgetJob(Logging(), tooltip="of the card")
    frontend.shown_by(job)

    assert frontend.seen_of(job)["tooltip"] == "of the card"
    assert set(job.get_state()) == set(WidgetJob(Job()).get_state())
    job.close()


def test_a_call_is_repeated_as_it_was() -> None:
    with pytest.raises(TypeError, match=r"rerun\(\) takes no arguments"):
        _ = WidgetJob(Job()).rerun(1)


def test_a_stand_in_in_a_container_travels_as_what_its_job_travels_as() -> None:
    job: Any = WidgetJob(TravelsAsList())

    assert pickle.loads(pickle.dumps({"jobs": [job]})) == {"jobs": [[1, 2]]}


def test_what_is_no_job_is_still_refused_where_it_is_wrapped() -> None:
    with pytest.raises(NotAJobError):
        _ = WidgetJob(travelled())
