"""Which adapter reads which job: by the name of the job's class, so that no provider is imported to find out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final
from weakref import WeakKeyDictionary

from primwidgets import _border as border
from primwidgets.adapters._common.handles import ID_NAMES, STATUS_NAMES, defines, defines_on_class
from primwidgets.adapters._common.refusals import explain
from primwidgets.adapters.base import Adapter
from primwidgets.errors import AdapterRegistrationError, NotAJobError

#: Other packages announce adapters here: the name is the job's class as ``module:QualName``, the value the adapter.
ENTRY_POINT_GROUP: Final = "primwidgets.adapters"

AdapterClass = type[Adapter[Any]]
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_registered: dict[str, AdapterClass | str] = {}
_found: WeakKeyDictionary[type, AdapterClass] = WeakKeyDictionary()
_announced: dict[str, EntryPoint] | None = None

#: Methods by which an unregistered class counts as a job, and the adapter that needs no others; tried in this order.
_FALLBACKS: Final = (
    (
        ("job_id", "status", "result", "in_final_state"),
        "primwidgets.adapters.base_primitive_job:BasePrimitiveJobAdapter",
    ),
    (("job_id", "status", "result"), "primwidgets.adapters.qiskit_jobs:JobV1Adapter"),
    (("__dask_graph__", "__dask_keys__", "__dask_postcompute__"), "primwidgets.adapters.dask:CollectionAdapter"),
    (("done", "result", "add_done_callback"), "primwidgets.adapters.foreign_futures:ForeignFutureAdapter"),
    (("status", "result"), "primwidgets.adapters.awaited_jobs:AwaitedJobAdapter"),
    (("done", "result"), "primwidgets.adapters.awaited_jobs:AwaitedJobAdapter"),
)
#: What has an id and a state, as methods or attributes, of its class or of its own, and these methods.
_HANDLES: Final = (
    (("result", "in_final_state"), "primwidgets.adapters.base_primitive_job:BasePrimitiveJobAdapter"),
    (("result",), "primwidgets.adapters.qiskit_jobs:JobV1Adapter"),
    (("result",), "primwidgets.adapters.awaited_jobs:AwaitedJobAdapter"),
)


_UNUSED_NAME: Final = "_primwidgets_asks_whether_every_name_is_answered"


def register_adapter(target: type | str, adapter: AdapterClass | str, *, replace: bool = False) -> None:
    """Have jobs of a class, and of its subclasses, read by an adapter. Any thread.

    Args:
        target: the job's class, or its name as ``"module:QualName"``, which is not imported.
        adapter: an ``Adapter`` subclass with a ``provider``, or its name likewise, imported when needed.
        replace: whether an adapter registered before for the class may be replaced.

    Raises:
        AdapterRegistrationError: if the class has an adapter already, or ``adapter`` is not one. Nothing changes then.
    """
    name = _name_of(target) if isinstance(target, type) else _valid_name(target)
    if isinstance(adapter, str):
        _valid_name(adapter)
    else:
        _valid_adapter(adapter)
    with _lock:
        if name in _registered and not replace:
            raise AdapterRegistrationError(f"{name} has an adapter already; pass replace=True to replace it.")
        _registered[name] = adapter
        _found.clear()


def adapter_for(job: object) -> Adapter[Any]:
    """A new adapter for ``job``. Does no IO, except that it imports the adapter when a class is first seen; any thread.

    Raises:
        NotAJobError: if nothing is known that could read ``job``.
    """
    kind = type(job)  # not job.__class__, which a transparent wrapper sets to the class it stands for
    adapter = _found.get(kind) or _find(kind) or _find_by_attributes(job)
    if adapter is None:
        adapter = _find_declared(job) or _find_by_answers(job) or _find_by_other_names(job)
        if adapter is None:
            raise NotAJobError(explain(job))
        return adapter(job)  # not kept: proxies of one class stand for jobs of many
    _found[kind] = adapter
    return adapter(job) if adapter.accepts(job) else _next_adapter(job, adapter)(job)


def _next_adapter(job: object, declined: AdapterClass) -> AdapterClass:
    """The next adapter for a job that ``declined`` does not accept."""
    others = (adapter for adapter in _candidates(type(job)) if adapter is not declined)
    for adapter in others:
        if adapter.suits(type(job)) and adapter.accepts(job):
            return adapter
    raise NotAJobError(explain(job))


def _find(kind: type) -> AdapterClass | None:
    with _lock:
        registered = _registered.get(_name_of(kind))
    if registered is not None and (adapter := _load(registered)).suits(kind):  # spares the search for entry points
        return adapter
    return next((adapter for adapter in _candidates(kind) if adapter.suits(kind)), None)


def _find_by_attributes(job: object) -> AdapterClass | None:
    kind = type(job)
    if issubclass(kind, type) or not all(
        any(defines(job, name) for name in names) for names in (ID_NAMES, STATUS_NAMES)
    ):
        return None
    for methods, adapter in _HANDLES:
        if all(callable(getattr(kind, method, None)) for method in methods) and (found := _load(adapter)).suits(kind):
            return found
    return None


def _find_by_other_names(job: object) -> AdapterClass | None:
    """The adapter for handles whose status and result have other names; asked last, when nothing else is known."""
    adapter: Any = _load("primwidgets.adapters.other_handles:OtherHandleAdapter")
    return adapter if adapter.knows(job) else None


def _find_declared(job: object) -> AdapterClass | None:
    """The adapter for the class that ``job`` says it is of: a lazy proxy, or a mock with a specification."""
    try:
        declared = job.__class__
    except Exception:  # noqa: BLE001  (a property of foreign code)
        return None
    return None if declared is type(job) or not isinstance(declared, type) else _find(declared)


def _find_by_answers(job: object) -> AdapterClass | None:
    """The adapter for a proxy that has only ``__getattr__``; not for what has an answer for every name."""
    kind = type(job)
    if issubclass(kind, type) or not defines_on_class(kind, "__getattr__"):
        return None
    if not isinstance(border.call(getattr, job, _UNUSED_NAME), border.Raised):
        return None
    for methods, adapter in _FALLBACKS:
        answers = (border.call(getattr, job, method) for method in methods)
        if all(not isinstance(answer, border.Raised) and callable(answer.value) for answer in answers):
            return _load_fallback(adapter, kind)
    return None


def _candidates(kind: type) -> Iterator[AdapterClass]:
    for name in map(_name_of, kind.__mro__):
        yield from _named(name)
    for methods, adapter in _FALLBACKS:
        if all(callable(getattr(kind, method, None)) for method in methods):
            yield _load_fallback(adapter, kind)


def _load_fallback(adapter: str, kind: type) -> AdapterClass:
    try:
        return _load(adapter)
    except ModuleNotFoundError as missing:
        raise NotAJobError(f"To watch this {kind.__name__}, install the package {missing.name!r}.") from missing


def _named(name: str) -> Iterator[AdapterClass]:
    with _lock:
        registered = _registered.get(name)
    if registered is not None:
        yield _load(registered)
    announced = _announcements().get(name)
    if announced is not None and (adapter := _load_announced(announced)) is not None:
        yield adapter


def _announcements() -> dict[str, EntryPoint]:
    global _announced
    if _announced is None:
        _announced = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
    return _announced


def _load_announced(entry: EntryPoint) -> AdapterClass | None:
    try:
        return _valid_adapter(entry.load())
    except Exception:  # noqa: BLE001  (a broken package must not take the jobs of the others away)
        _log.warning("The adapter %s registered for %s cannot be used.", entry.value, entry.name, exc_info=True)
        return None


def _load(adapter: AdapterClass | str) -> AdapterClass:
    if not isinstance(adapter, str):
        return adapter
    module, _, path = adapter.partition(":")
    loaded: Any = import_module(module)
    for part in path.split("."):
        loaded = getattr(loaded, part)
    return _valid_adapter(loaded)


def _name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _valid_name(name: object) -> str:
    if isinstance(name, str) and all(name.partition(":")):
        return name
    raise AdapterRegistrationError(f"Expected a class or its name as 'module:QualName', not {name!r}.")


def _valid_adapter(adapter: object) -> AdapterClass:
    if not (isinstance(adapter, type) and issubclass(adapter, Adapter)):
        raise AdapterRegistrationError(f"{adapter!r} is not a subclass of primwidgets.adapters.Adapter.")
    if not adapter.provider:
        raise AdapterRegistrationError(f"{adapter.__qualname__}.provider must name the provider.")
    return adapter
