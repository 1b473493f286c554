"""Jobs in other processes that live as a test says: of pools, of Dask, of ipyparallel, and of IBM's service."""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from primwidgets.engines.base import Engine, FunctionCall
from primwidgets.engines.executor.engine import ExecutorEngine
from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.registry import engine_for
from primwidgets.snapshot import JobState
from tests.far_work import far_work
from tests.ibm_cloud import INSTANCE, TOKEN, CloudJob, IbmCloud, ibm_cloud
from tests.live_jobs import LocalProviders
from tests.lives import Life, Played, Truth

#: Calls at the same time on a pool of processes.
_WORKERS: Final = 4
_IBM_WORDS: Final = {
    "Queued": JobState.QUEUED,
    "Running": JobState.RUNNING,
    "Completed": JobState.DONE,
    "Failed": JobState.ERROR,
    "Cancelled": JobState.CANCELLED,
}
_DASK_WORDS: Final = {
    "pending": JobState.QUEUED,
    "lost": JobState.QUEUED,
    "finished": JobState.DONE,
    "error": JobState.ERROR,
    "cancelled": JobState.CANCELLED,
}


class Far(Played):
    """A function in another process, which takes a step whenever the file of that step is there.

    Args:
        life: what happens to it.
        root: where its files are made.
        begin: starts ``far_work`` with the keywords that it is given.
    """

    def __init__(self, life: Life, root: Path, begin: Callable[..., Any]) -> None:
        self._files = Path(tempfile.mkdtemp(dir=root))
        super().__init__(life, begin(str(self._files), life.steps, life.fails))

    def step(self, number: int) -> None:
        (self._files / str(number)).touch()

    def close(self) -> None:
        for number in range(self.life.steps):
            self.step(number)

    @property
    def _begun(self) -> JobState:
        """How it is, by its files."""
        if (self._files / "ended").exists():
            return JobState.ERROR if self.life.fails else JobState.DONE
        return JobState.RUNNING if (self._files / "began").exists() else JobState.QUEUED


class FarCall(Far):
    """A call on an engine. What became of a cancel is the engine's to say."""

    def truth(self) -> Truth:
        state = self.job.state()
        return state if state.is_final else self._begun, self.job.context.progress().fraction


class DaskFuture(Far):
    """A future of Dask's, whose client cannot tell a task that waits from one that runs."""

    def truth(self) -> Truth:
        return _DASK_WORDS[self.job.status], None


class AsyncResult(Far):
    """A result of ipyparallel's for one call."""

    def truth(self) -> Truth:
        if not self.job.done():
            return JobState.QUEUED if self._begun is JobState.QUEUED else JobState.RUNNING, None
        if self.job.successful():
            return JobState.DONE, None
        aborted = type(self.job.exception()).__name__ == "TaskAborted"
        return JobState.CANCELLED if aborted else JobState.ERROR, None


class CloudPlayed(Played):
    """A job of IBM's service, as the service itself knows it."""

    def __init__(self, life: Life, job: Any, cloud: CloudJob) -> None:
        super().__init__(life, job)
        self._cloud = cloud
        cloud.obeys = life.answer == "accepts"

    def step(self, number: int) -> None:
        if not self._cloud.is_final:
            end = "Failed" if self.life.fails else "Completed"
            self._cloud.status = end if self.is_last(number) else "Running"

    def truth(self) -> Truth:
        return _IBM_WORDS[self._cloud.status], None


class Providers:
    """Everything that jobs run on; each part is started when a life first needs it."""

    def __init__(self, root: Path, ends: ExitStack) -> None:
        self._root = root
        self._ends = ends
        self._local = LocalProviders()
        self._numbers = itertools.count()
        ends.callback(self._local.close)

    def prepare(self, lives: list[Life]) -> None:
        """Start what these lives need, before any of them begins."""
        kinds = {life.kind for life in lives}
        parts = {"process": "process", "executor of processes": "pool", "ibm": "ibm"}
        parts |= {"dask": "dask", "dask call": "dask", "ipyparallel": "cluster", "ipyparallel call": "cluster"}
        for kind in sorted(kinds & parts.keys()):
            getattr(self, parts[kind])
        self._cloud_jobs = [self._cloud_job() for life in lives if life.kind == "ibm"]

    def play(self, life: Life) -> Played:
        """A new job of that life."""
        return self._local.play(life) or self._play_far(life)

    def _play_far(self, life: Life) -> Played:
        match life.kind:
            case "process":
                return FarCall(life, self._root, self._on(self.process))
            case "executor of processes":
                return FarCall(life, self._root, self._on(self.pool))
            case "dask call":
                return FarCall(life, self._root, self._on(engine_for(self.dask)))
            case "ipyparallel call":
                return FarCall(life, self._root, self._on(engine_for(self.cluster.load_balanced_view())))
            case "dask":
                return DaskFuture(life, self._root, self._submit_to_dask)
            case "ipyparallel":
                return AsyncResult(life, self._root, self._apply_on_cluster)
            case "ibm":
                job, cloud = self._cloud_jobs.pop()
                return CloudPlayed(life, job, cloud)
        raise AssertionError(life.kind)

    @staticmethod
    def _on(engine: Engine) -> Callable[..., Any]:
        def begin(files: str, steps: int, fails: bool) -> Any:
            return engine.start(FunctionCall(far_work, (files, steps), {"fails": fails, "tracked": True}))

        return begin

    def _submit_to_dask(self, files: str, steps: int, fails: bool) -> Any:
        return self.dask.submit(far_work, files, steps, fails=fails, tracked=False, pure=False)

    def _apply_on_cluster(self, files: str, steps: int, fails: bool) -> Any:
        return self.cluster.load_balanced_view().apply_async(far_work, files, steps, fails=fails, tracked=False)

    def _cloud_job(self) -> tuple[Any, CloudJob]:
        cloud, service = self.ibm
        job_id = f"job-{next(self._numbers)}"
        cloud.jobs[job_id] = CloudJob()
        return service.job(job_id), cloud.jobs[job_id]

    @cached_property
    def process(self) -> ProcessEngine:
        engine = ProcessEngine(workers=_WORKERS)
        self._ends.callback(engine.close)
        return engine

    @cached_property
    def pool(self) -> ExecutorEngine:
        executor = ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("forkserver"))
        self._ends.callback(executor.shutdown)
        return ExecutorEngine(executor)

    @cached_property
    def dask(self) -> Any:
        from tests.dask_cluster import dask_client

        return self._ends.enter_context(dask_client())

    @cached_property
    def cluster(self) -> Any:
        from tests.ipyparallel_cluster import running_cluster

        return self._ends.enter_context(running_cluster(self._root / "ipython"))

    @cached_property
    def ibm(self) -> tuple[IbmCloud, Any]:
        from qiskit_ibm_runtime import QiskitRuntimeService

        patch = self._ends.enter_context(pytest.MonkeyPatch.context())
        cloud = self._ends.enter_context(ibm_cloud())
        for name, value in cloud.variables.items():
            patch.setenv(name, value)
        service = QiskitRuntimeService(channel="ibm_quantum_platform", token=TOKEN, url=cloud.url, instance=INSTANCE)
        return cloud, service


@contextmanager
def all_providers() -> Iterator[Providers]:
    """Everything that jobs run on, until the end of the ``with``."""
    root = Path(tempfile.mkdtemp())
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, root, ignore_errors=True)
        yield Providers(root, ends)
