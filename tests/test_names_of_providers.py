"""A name that the provider's job has is the provider's; checked with classes of jobs from many packages."""

from __future__ import annotations

from importlib import import_module
from inspect import getattr_static
from types import SimpleNamespace
from typing import Any, Final

import pytest

from primwidgets import WidgetJob
from primwidgets._jupyter.proxy_class import class_for
from primwidgets.adapters.base import Adapter

#: What cards call what they know of a job.
NAMES: Final = (
    "job_id", "status", "state", "progress", "progress_text", "name", "queue_position", "backend", "message", "error",
    "provider", "metadata", "done", "running", "cancelled", "in_final_state",
)  # fmt: skip
CLASSES: Final = (
    "concurrent.futures:Future",
    "_asyncio:Future",
    "_asyncio:Task",
    "asyncio.futures:_PyFuture",
    "asyncio.tasks:_PyTask",
    "multiprocessing.pool:ApplyResult",
    "multiprocessing.pool:MapResult",
    "multiprocessing.pool:IMapIterator",
    "multiprocessing.process:BaseProcess",
    "multiprocessing.context:SpawnProcess",
    "subprocess:Popen",
    "threading:Thread",
    "threading:Timer",
    "distributed:Future",
    "distributed:Variable",
    "distributed.actor:ActorFuture",
    "distributed.threadpoolexecutor:ThreadPoolExecutor",
    "ipyparallel.client.asyncresult:AsyncResult",
    "ipyparallel.client.asyncresult:AsyncMapResult",
    "ipyparallel.client.asyncresult:AsyncHubResult",
    "ipyparallel.client.futures:MessageFuture",
    "qiskit.primitives:PrimitiveJob",
    "qiskit.primitives.base.base_primitive_job:BasePrimitiveJob",
    "qiskit.providers:JobV1",
    "qiskit.providers.basic_provider.basic_provider_job:BasicProviderJob",
    "qiskit_aer.jobs:AerJob",
    "distributed:Event",
    "qiskit_ibm_runtime:RuntimeJobV2",
    "qiskit_ibm_runtime.fake_provider.local_runtime_job:LocalRuntimeJob",
    "tornado.concurrent:Future",
    "dask.delayed:Delayed",
    "jupyter_client.manager:KernelManager",
)


@pytest.mark.parametrize("named", CLASSES)
def test_a_name_of_the_providers_is_the_providers_and_any_other_is_the_cards(named: str) -> None:
    module, _, name = named.partition(":")
    kind = getattr(import_module(module), name)
    made: Any = class_for(WidgetJob, _bare_adapter(kind))

    for name in NAMES:
        theirs = getattr_static(kind, name, None)
        is_method = callable(theirs) or isinstance(theirs, staticmethod | classmethod)
        is_read_from_job = theirs is not None and (name in WidgetJob.class_trait_names() or not is_method)
        ours = getattr_static(WidgetJob, name, None)  # of the contract's methods, those that call the job's

        assert _is_another(getattr_static(made, name, None), ours) is (is_read_from_job and ours is not None), name


def _is_another(made: Any, ours: Any) -> bool:
    """Whether that is more than the method of ours with another signature."""
    return made is not ours and getattr(made, "__code__", made) is not getattr(ours, "__code__", ours)


def _bare_adapter(kind: type) -> Any:
    """What ``class_for`` looks at, for a job of a class that is not made."""

    class Job(kind):  # type: ignore[misc]
        __slots__ = ()

        def __init__(self) -> None: ...

        def __del__(self) -> None: ...

    if hasattr(Job, "__abstractmethods__"):
        Job.__abstractmethods__ = frozenset()
    return SimpleNamespace(job=Job.__new__(Job), stand_in_bases=Adapter.stand_in_bases)
