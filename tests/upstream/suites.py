"""The test suites of other projects, where their jobs come from, and why some of their tests differ."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Suite:
    """Some tests of another project.

    Attributes:
        name: of its row.
        calls: the functions whose results are wrapped, as ``module:Class.method``.
        tests: modules of an installed package, or files of the sdist.
        needs: packages to install, beside pytest and primwidgets.
        sdist: the project whose source distribution holds the tests; ``None`` if what is installed does.
        folder: the folder of the sdist that is copied out of it, beside its ``conftest.py``.
        options: further arguments of pytest.
        reasons: why tests differ, by a part of their names.
        unwatched: whether cards are not to ask for news of their jobs: the tests script the answers of a service, one
            for each request that they make, and on one thread.
    """

    name: str
    calls: tuple[str, ...]
    tests: tuple[str, ...]
    needs: tuple[str, ...] = ()
    sdist: str | None = None
    folder: str = ""
    options: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    unwatched: bool = False


_IDENTITY: Final = "asserts that the very object comes back (`is`); a stand-in equals it"

#: One module until Python 3.11, a package since.
_FUTURES_TESTS: Final = (
    ("test.test_concurrent_futures",)
    if sys.version_info < (3, 12)
    else tuple(f"test.test_concurrent_futures.test_{part}" for part in ("wait", "as_completed", "thread_pool"))
)

SUITES: Final = (
    Suite(
        "concurrent.futures",
        calls=(
            "concurrent.futures.thread:ThreadPoolExecutor.submit",
            "concurrent.futures.process:ProcessPoolExecutor.submit",
        ),
        tests=_FUTURES_TESTS,
        reasons={
            "test_idle_thread_reuse": "counts threads at once after result(): the callback of the card runs on the "
            "worker before that is idle"
        },
    ),
    Suite(
        "asyncio",
        calls=(
            "asyncio:create_task",
            "asyncio:ensure_future",
            "asyncio.tasks:create_task",
            "asyncio.taskgroups:TaskGroup.create_task",
        ),
        tests=tuple(f"test.test_asyncio.test_{part}" for part in ("tasks", "waitfor", "timeouts", "taskgroups")),
        reasons={
            "test_ensure_future": _IDENTITY,
            "test_log_destroyed_pending_task": "drops the task while a card holds it",
        },
    ),
    Suite(
        "ipyparallel",
        calls=(
            "ipyparallel.client.view:View.apply_async",
            "ipyparallel.client.view:DirectView.map_async",
            "ipyparallel.client.view:LoadBalancedView.map_async",
        ),
        tests=("ipyparallel.tests.test_asyncresult",),
        needs=("ipyparallel", "testpath", "pytest-asyncio", "pytest-tornado"),
    ),
    Suite(
        "joblib",
        calls=(
            "joblib.externals.loky.process_executor:ProcessPoolExecutor.submit",
            "joblib.externals.loky.reusable_executor:_ReusablePoolExecutor.submit",
            "multiprocessing.pool:Pool.apply_async",
        ),
        tests=("joblib.test.test_parallel",),
        needs=("joblib", "numpy"),
        options=(
            "-k",
            "test_simple_parallel or exception or error or abort or generator or nested or timeout",
        ),
    ),
    Suite(
        "loky",
        calls=(
            "loky.process_executor:ProcessPoolExecutor.submit",
            "loky.reusable_executor:_ReusablePoolExecutor.submit",
        ),
        tests=("tests/test_reusable_executor.py",),
        needs=("loky", "numpy", "psutil", "cloudpickle"),
        sdist="loky",
        folder="tests",
    ),
    Suite(
        "parsl",
        calls=("parsl.dataflow.dflow:DataFlowKernel.submit",),
        tests=("tests/test_python_apps", "tests/test_error_handling"),
        needs=("parsl", "pandas", "pytest<9"),
        sdist="parsl",
        folder="parsl/tests",
        options=("--config", "tests/configs/local_threads.py"),
    ),
    Suite(
        "qiskit",
        calls=(
            "qiskit.primitives:StatevectorSampler.run",
            "qiskit.primitives:StatevectorEstimator.run",
            "qiskit.primitives:BackendSamplerV2.run",
            "qiskit.primitives:BackendEstimatorV2.run",
            "qiskit.providers.basic_provider:BasicSimulator.run",
        ),
        tests=("test/python/primitives", "test/python/providers/basic_provider"),
        needs=("qiskit", "ddt", "testtools", "fixtures"),
        sdist="qiskit",
        folder="test",
    ),
    Suite(
        "qiskit-ibm-runtime",
        calls=(
            "qiskit_ibm_runtime.qiskit_runtime_service:QiskitRuntimeService._run",
            "qiskit_ibm_runtime.qiskit_runtime_service:QiskitRuntimeService.job",
            "qiskit_ibm_runtime.qiskit_runtime_service:QiskitRuntimeService.jobs",
            "qiskit_ibm_runtime.fake_provider.local_service:QiskitRuntimeLocalService._run",
        ),
        tests=tuple(f"test/unit/test_{part}.py" for part in ("jobs", "job_retrieval", "sampler", "session")),
        needs=("qiskit-ibm-runtime", "qiskit-aer", "ddt", "responses"),
        sdist="qiskit-ibm-runtime",
        folder="test",
        unwatched=True,
    ),
    Suite(
        "qiskit-experiments",
        calls=(
            "qiskit_aer.backends.aerbackend:AerBackend.run",
            "qiskit.primitives:BackendSamplerV2.run",
            "qiskit_experiments.test.fake_backend:FakeBackend.run",
            "qiskit_experiments.test.mock_iq_backend:MockIQBackend.run",
        ),
        tests=("test/framework",),
        needs=("qiskit-experiments", "qiskit-aer", "ddt", "testtools", "stestr", "fixtures", "multimethod"),
        sdist="qiskit-experiments",
        folder="test",
    ),
)

#: Tests that no registry has: neither the installed package nor its source distribution holds them.
LEFT_OUT: Final[Mapping[str, str]] = {
    "distributed": "neither its wheels nor its source distribution have tests; Debian's package has those of 2022.12.1",
    "qiskit-aer": "its source distribution has to be compiled before it can be fetched",
}
