"""The test suites of other projects, where their jobs come from, and why some of their tests differ."""

from __future__ import annotations

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
    """

    name: str
    calls: tuple[str, ...]
    tests: tuple[str, ...]
    needs: tuple[str, ...] = ()
    sdist: str | None = None
    folder: str = ""
    options: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


_IDENTITY: Final = "asserts that the very object comes back (`is`); a stand-in equals it"

SUITES: Final = (
    Suite(
        "concurrent.futures",
        calls=(
            "concurrent.futures.thread:ThreadPoolExecutor.submit",
            "concurrent.futures.process:ProcessPoolExecutor.submit",
        ),
        tests=tuple(f"test.test_concurrent_futures.test_{part}" for part in ("wait", "as_completed", "thread_pool")),
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
        "qiskit-experiments",
        calls=("qiskit_aer.backends.aerbackend:AerBackend.run", "qiskit.primitives:BackendSamplerV2.run"),
        tests=("test/framework",),
        needs=("qiskit-experiments", "qiskit-aer", "ddt", "testtools", "stestr", "fixtures"),
        sdist="qiskit-experiments",
        folder="test",
    ),
)

#: Tests that no registry has: neither the installed package nor its source distribution holds them.
LEFT_OUT: Final[Mapping[str, str]] = {
    "distributed": "its source distribution has no tests",
}
