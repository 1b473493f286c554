"""Finds the engine for the argument ``engine`` by name or by class name, without importing optional packages."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any, Final

from primwidgets._runtime import once_per_process
from primwidgets.engines.base import Engine

#: Engines that are selected by name; created on first use, once per process.
_NAMED: Final = {
    "local": "threads:LocalEngine",
    "process": "process:ProcessEngine",
    "background": "background:BackgroundEngine",
}
#: Engines that wrap an object, by the name of the object's class or of one of its base classes.
_BY_CLASS: Final[dict[str, str]] = {
    "concurrent.futures._base:Executor": "executor.engine:ExecutorEngine",
    "distributed.client:Client": "dask.engine:DaskEngine",
    "ipyparallel.client.client:Client": "ipyparallel.engine:IPyParallelEngine",
    "ipyparallel.client.view:View": "ipyparallel.engine:IPyParallelEngine",
    "ipyparallel.client.view:ViewExecutor": "ipyparallel.engine:IPyParallelEngine",
    "submitit.core.core:Executor": "executor.engine:ExecutorEngine",  # has the same submit(), but gives jobs of its own
}


def engine_for(engine: object) -> Engine:
    """The engine for ``engine``: a name, an object to run functions on, an ``Engine``, or ``None`` for local threads.

    Raises:
        TypeError: the object cannot run functions.
        ValueError: there is no engine of that name.
    """
    if engine is None:
        return _local()
    if isinstance(engine, str):
        if engine not in _NAMED:
            raise ValueError(f"There is no engine {engine!r}; there are {', '.join(map(repr, _NAMED))}.")
        return _named(engine)
    for ancestor in type(engine).__mro__:
        if (found := _BY_CLASS.get(f"{ancestor.__module__}:{ancestor.__qualname__}")) is not None:
            made: Engine = _load(found)(engine)
            return made
    if callable(getattr(engine, "start", None)):
        return engine  # type: ignore[return-value]  # an Engine by its shape
    raise TypeError(
        f"{type(engine).__name__} is not an engine. Pass a name ({', '.join(map(repr, _NAMED))}), a "
        "concurrent.futures.Executor, or the client or view of a cluster."
    )


def _local() -> Engine:
    return _named("local")


def _named(name: str) -> Engine:
    return _made_once[name]()


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(f"primwidgets.engines.{module}"), name)


def _make(name: str) -> Engine:
    engine: Engine = _load(_NAMED[name])()
    return engine


_made_once: Final = {name: once_per_process(partial(_make, name)) for name in _NAMED}
