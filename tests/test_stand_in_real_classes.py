"""A wrapped job beside the bare one, on real classes: for each use, both give or raise the same."""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import contextvars
import copy
import functools
import inspect
import operator
import pickle
import queue
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from multiprocessing.pool import ThreadPool
from typing import Any
from unittest import mock

import numpy as np
import pytest

from primwidgets import WidgetJob
from tests.monitored import PATIENCE

Use = Callable[[Any], object]


class Shouted(Future[int]):
    """A future with what users' subclasses have."""

    level: int = 3

    def result(self, timeout: float | None = None) -> int:
        return super().result(timeout) + 1

    def __getattr__(self, name: str) -> Any:
        if name.startswith("made_up_"):
            return name
        raise AttributeError(name)

    @property
    def owner(self) -> str:
        return self._owner

    @owner.setter
    def owner(self, value: str) -> None:
        self._owner = value

    @owner.deleter
    def owner(self) -> None:
        del self._owner

    @property
    def broken(self) -> int:
        raise RuntimeError("no owner")

    @property
    def missing(self) -> int:
        raise AttributeError("not yet")

    @functools.cached_property
    def token(self) -> object:
        return object()

    @classmethod
    def kind(cls) -> str:
        return cls.__name__

    @staticmethod
    def version() -> int:
        return 2


def finished(kind: type[Future[Any]] = Future) -> Future[Any]:
    future = kind()
    future.set_result(5)
    return future


def failed(error: BaseException | None = None) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error or ValueError("no such qubit"))
    return future


def cancelled() -> Future[Any]:
    future: Future[Any] = Future()
    future.cancel()
    future.set_running_or_notify_cancel()
    return future


shouted: Callable[[], Future[Any]] = functools.partial(finished, Shouted)


@functools.singledispatch
def dispatched(_: object) -> str:
    return "object"


@dispatched.register
def _(_: Future) -> str:  # type: ignore[type-arg]
    return "future"


class Dispatching:
    @functools.singledispatchmethod
    def dispatched(self, _: object) -> str:
        return "object"

    @dispatched.register
    def _(self, _: Future) -> str:  # type: ignore[type-arg]
        return "future"


def matched(job: Any) -> object:
    match job:
        case Future(_state="FINISHED"):
            return "finished"
        case Future():
            return "future"
        case _:
            return None


def patched_on_the_instance(job: Any) -> object:
    with mock.patch.object(job, "result", return_value=77):
        inside = job.result()
    return inside, job.result()


def patched_on_the_class(job: Any) -> object:
    with mock.patch.object(Future, "result", return_value=77):
        inside = job.result()
    return inside, job.result()


def added_to_the_class(job: Any) -> object:
    with mock.patch.object(Future, "twice", lambda self: 2 * self.result(), create=True):
        inside = job.twice()
    return inside, hasattr(job, "twice")


def overridden_and_restored(job: Any) -> object:
    job.done = lambda: "mine"
    mine = job.done()
    del job.done
    return mine, job.done()


def set_read_and_deleted(job: Any) -> object:
    job.owner = "me"
    owner, kept = job.owner, job._owner
    del job.owner
    return owner, kept, hasattr(job, "owner")


def what_an_attribute_error_tells(job: Any) -> object:
    with pytest.raises(AttributeError) as caught:
        _ = job.nothing_of_that_name
    return caught.value.name, isinstance(caught.value.obj, Future)


def context_of_what_is_raised(job: Any) -> object:
    try:
        raise KeyError("before")
    except KeyError:
        with pytest.raises(ValueError, match="qubit") as caught:
            job.result()
    return type(caught.value.__context__), caught.value.__cause__


def set_by_the_class(job: Any) -> object:
    Future.set_result(job, 9)
    return job.result()


def called_back(job: Any) -> object:
    seen: list[Any] = []
    job.add_done_callback(seen.append)
    return [one is job for one in seen]


def called_back_by_keyword(job: Any) -> object:
    seen: list[Any] = []
    job.add_done_callback(fn=seen.append)
    return [one is job for one in seen]


def called_back_within_a_loop(job: Any) -> object:
    seen: list[object] = []
    where = contextvars.ContextVar("where", default="outside")
    context = contextvars.copy_context()
    context.run(where.set, "inside")

    async def call_back() -> None:
        task = asyncio.ensure_future(asyncio.sleep(0))
        task = WidgetJob(task) if isinstance(job, WidgetJob) else task
        removed = seen.append
        task.add_done_callback(lambda one: seen.append((one is task, where.get())), context=context)
        task.add_done_callback(removed)
        task.add_done_callback(removed)
        seen.append(task.remove_done_callback(removed))
        await task
        await asyncio.sleep(0)

    asyncio.run(call_back())
    return seen


def wrong_callback(job: Any) -> object:
    return job.add_done_callback()


def through_a_queue(job: Any) -> object:
    line: queue.Queue[Any] = queue.Queue()
    line.put(job)
    return line.get() is job


def in_a_context(job: Any) -> object:
    return contextvars.copy_context().run(job.result)


def collected(job: Any) -> object:
    return concurrent.futures.wait([job]).done == {job}, {job: "mine"}[next(concurrent.futures.as_completed([job]))]


FUTURES: list[tuple[Callable[[], Any], Use]] = [
    (finished, collected),
    (finished, called_back),
    (finished, called_back_by_keyword),
    (finished, called_back_within_a_loop),
    (finished, wrong_callback),
    (finished, lambda job: str(inspect.signature(job.add_done_callback))),
    (finished, lambda job: job.add_done_callback.__self__ == job),
    (finished, lambda job: job.set_result(6)),
    (Future, lambda job: (job.set_result(6), job.result())),
    (Future, lambda job: (job.set_running_or_notify_cancel(), job.running())),
    (Future, lambda job: (job.cancel(), job.cancelled(), job.done(), job.running())),
    (Future, lambda job: job.result(0.01)),
    (Future, lambda job: job.result(timeout=0)),
    (Future, lambda job: job.exception(timeout=0.01)),
    (Future, set_by_the_class),
    (Future, lambda job: (Future.cancel(job), job.cancelled())),
    (finished, Future.result),
    (finished, lambda job: type(job).result(job)),
    (finished, lambda job: job.__class__().done()),
    (finished, lambda job: job.__class__ is Future),
    (finished, lambda job: isinstance(job, int | Future)),
    (finished, lambda job: issubclass(job.__class__, Future)),
    (finished, lambda job: job.result(1, 2)),
    (finished, lambda job: job.result(deep=True)),
    (finished, lambda job: job.done(1)),
    (finished, lambda job: job.cancel("now")),
    (finished, lambda job: job.result.__self__ == job),
    (finished, lambda job: len({job.result, job.result})),
    (finished, lambda job: inspect.getfullargspec(job.result).args),
    (finished, lambda job: [str(inspect.signature(getattr(job, name))) for name in ("cancel", "done", "exception")]),
    (finished, lambda job: operator.methodcaller("result", timeout=1)(job)),
    (finished, lambda job: operator.attrgetter("_state")(job)),
    (finished, lambda job: functools.partial(job.result, timeout=1)()),
    (finished, dispatched),
    (finished, lambda job: Dispatching().dispatched(job)),
    (finished, matched),
    (finished, patched_on_the_instance),
    (finished, patched_on_the_class),
    (finished, added_to_the_class),
    (finished, overridden_and_restored),
    (finished, what_an_attribute_error_tells),
    (finished, through_a_queue),
    (finished, in_a_context),
    (finished, lambda job: getattr(job, "nothing_of_that_name", 7)),
    (finished, lambda job: pickle.dumps(job)),
    (finished, lambda job: copy.deepcopy(job)),
    (finished, len),
    (finished, iter),
    (finished, lambda job: job + 1),
    (finished, lambda job: sorted([job, job])),
    (finished, lambda job: f"{job:>10}"),
    (finished, lambda job: (job == None, job != None, None == job)),  # noqa: E711, SIM300
    (finished, lambda job: (job in [job], [job].index(job), [1, job].count(job))),
    (finished, lambda job: job == mock.ANY),
    (finished, lambda job: collections.Counter([job, job])[job]),
    (finished, lambda job: job in weakref.WeakSet([job])),
    (finished, lambda job: weakref.WeakKeyDictionary({job: 1})[job]),
    (finished, lambda job: mock.Mock(spec=job).nothing_of_that_name),
    (finished, lambda job: mock.create_autospec(job).result(1, 2, 3)),
    (finished, lambda job: (np.array(job).shape, np.array([job, job]).shape, np.array([job]).dtype)),
    (finished, lambda job: (np.array([job, job], dtype=object) == job).tolist()),
    (failed, lambda job: job.result()),
    (failed, lambda job: job.exception() is job.exception()),
    (failed, context_of_what_is_raised),
    (cancelled, lambda job: job.result()),
    (cancelled, lambda job: job.exception()),
    (lambda: failed(SystemExit(3)), lambda job: job.result()),
    (lambda: failed(KeyboardInterrupt()), lambda job: job.result()),
    (lambda: failed(GeneratorExit()), lambda job: job.result()),
    (lambda: failed(StopIteration(4)), lambda job: job.result()),
    (lambda: failed(TimeoutError("of the call")), lambda job: job.result()),
    (lambda: failed(ExceptionGroup("several", [ValueError()])), lambda job: job.result()),
    (shouted, lambda job: (job.result(), Future.result(job))),
    (shouted, lambda job: (job.made_up_name, job.kind(), job.version(), job.level)),
    (shouted, lambda job: job.invented),
    (shouted, set_read_and_deleted),
    (shouted, lambda job: hasattr(job, "broken")),
    (shouted, lambda job: (hasattr(job, "missing"), getattr(job, "missing", None))),
    (shouted, lambda job: job.token is job.token),
]


def outcome(use: Use, job: Any) -> tuple[str, object]:
    """What ``use`` gives, or the class and the text of what it raises."""
    try:
        return "gives", use(job)
    except BaseException as error:  # noqa: BLE001  (those are compared, too)
        return type(error).__name__, re.sub(" at 0x[0-9a-f]+", "", str(error).replace("WidgetJob", "Future"))


@pytest.mark.parametrize("index", range(len(FUTURES)))
def test_a_wrapped_future_is_used_as_a_bare_one(index: int) -> None:
    make, use = FUTURES[index]

    assert outcome(use, WidgetJob(make())) == outcome(use, make())


# Handles whose names mean something of their own.


def process(code: str = "pass") -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def ended_at_last(job: Any) -> object:
    with pytest.raises(subprocess.TimeoutExpired):
        job.wait(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        job.wait(timeout=0.01)
    job.communicate(b"go")
    return job.wait(), job.wait(PATIENCE), job.poll(), job.returncode, job.args[0]


def within_a_block(job: Any) -> object:
    with job as inside:
        told = inside.communicate()
    return inside is job, told, job.returncode


def killed(job: Any) -> object:
    job.kill()
    return job.wait(), job.returncode


def joined(job: Any) -> object:
    job.join()
    job.name = "renamed"
    return job.name, job.is_alive(), job.daemon, job.join(1), job.ident is not None


def thread() -> threading.Thread:
    started = threading.Thread(target=int, name="first")
    started.start()
    return started


PROCESSES: list[tuple[Callable[[], Any], Use]] = [
    (lambda: process("input()"), killed),
    (lambda: process("import sys; sys.stdin.read()"), ended_at_last),
    (lambda: process("print(3)"), within_a_block),
    (thread, joined),
]


@pytest.mark.parametrize("index", range(len(PROCESSES)))
def test_a_wrapped_process_or_thread_is_used_as_a_bare_one(index: int) -> None:
    make, use = PROCESSES[index]
    bare, wrapped = make(), make()
    try:
        assert outcome(use, WidgetJob(wrapped)) == outcome(use, bare)
    finally:
        for one in (bare, wrapped):
            if isinstance(one, subprocess.Popen):
                one.kill()
                one.communicate()


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    with ThreadPool(1) as pool:
        yield pool


POOL: list[tuple[Any, Use]] = [
    (abs, lambda job: (job.get(), job.get(timeout=1), job.get(1), job.ready(), job.successful())),
    (abs, lambda job: (job.wait(), job.wait(1), job.wait(timeout=1))),
    (len, lambda job: job.get()),
    (len, lambda job: (job.wait(), job.successful())),
]


@pytest.mark.parametrize("index", range(len(POOL)))
def test_a_wrapped_call_of_a_pool_is_used_as_a_bare_one(pool: ThreadPool, index: int) -> None:
    function, use = POOL[index]

    assert outcome(use, WidgetJob(pool.apply_async(function, (-3,)))) == outcome(use, pool.apply_async(function, (-3,)))


def test_special_methods_that_a_class_gets_later_are_seen_by_the_jobs_that_are_wrapped_then() -> None:
    class Patched(Future[int]):
        pass

    before = WidgetJob(finished(Patched))
    Patched.__len__ = lambda _: 4  # type: ignore[attr-defined]
    Patched.state = "theirs"  # type: ignore[attr-defined]
    after: Any = WidgetJob(finished(Patched))

    assert (len(after), after.state, before.state) == (4, "theirs", "DONE")


def test_an_attribute_of_the_card_that_is_replaced_does_not_keep_it_from_being_collected() -> None:
    job: Any = WidgetJob(finished())
    job.close, gone = "soon", threading.Event()
    weakref.finalize(job, gone.set)
    del job

    assert gone.wait(PATIENCE)
