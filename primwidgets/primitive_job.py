"""The job handle of quantum primitives as an interface that needs no provider."""

from __future__ import annotations

import sys
from abc import ABC, ABCMeta, abstractmethod
from typing import Any, Final, Generic, TypeVar

from typing_extensions import override

ResultT = TypeVar("ResultT")
StatusT = TypeVar("StatusT")


class BasePrimitiveJob(ABC, Generic[ResultT, StatusT]):
    """The handle to a job that a provider runs, as ``primitive.run()`` returns it.

    ``status``, ``done``, ``running``, ``cancelled`` and ``in_final_state`` inform without blocking; ``result``
    blocks until the job is ready. ``StatusT`` is whatever the provider likes: code that is to work with every provider
    asks the four booleans and never compares status names. Creating a handle is fast and does not block.

    Interfaces of the same name in other packages are recognised both ways: their jobs are instances of this class, and
    jobs of this class are instances of theirs as soon as theirs is loaded (see ``add_counterpart``).

    Args:
        job_id: unique in the context of the provider.
        **kwargs: metadata of the job, kept as ``metadata``.
    """

    def __init__(self, job_id: str, **kwargs: Any) -> None:
        self._job_id = job_id
        self.metadata: dict[str, Any] = kwargs
        register_with_counterparts()

    @override
    @classmethod
    def __subclasshook__(cls, candidate: type) -> bool:
        """Recognise the subclasses of an interface of the same name and shape, wherever it was defined."""
        if cls is BasePrimitiveJob and any(map(_is_counterpart, candidate.__mro__[1:])):
            return True
        return NotImplemented  # type: ignore[no-any-return]  # as the data model asks; typeshed calls it Any

    @override  # type: ignore[misc]
    @property
    def __class__(self) -> type:
        """The class of the job. ``isinstance`` asks for it first, so one that is loaded late is registered in time."""
        register_with_counterparts()
        return type(self)

    def job_id(self) -> str:
        """The id of the job, unique in the context of its provider."""
        return self._job_id

    @abstractmethod
    def result(self) -> ResultT:
        """The result of the job; blocks until it is ready and raises what made the job fail."""

    @abstractmethod
    def status(self) -> StatusT:
        """The provider's own idea of a status."""

    @abstractmethod
    def done(self) -> bool:
        """Whether the job finished successfully."""

    @abstractmethod
    def running(self) -> bool:
        """Whether the job is running now."""

    @abstractmethod
    def cancelled(self) -> bool:
        """Whether the job was cancelled."""

    @abstractmethod
    def in_final_state(self) -> bool:
        """Whether the job succeeded, failed or was cancelled."""

    @abstractmethod
    def cancel(self) -> Any:
        """Try to cancel the job. What is returned or raised is up to the provider."""


_METHODS: Final = ("job_id", "result", "status", "done", "running", "cancelled", "in_final_state", "cancel")
_unmet: dict[tuple[str, str], None] = {}


def add_counterpart(module: str, name: str) -> None:
    """Name a foreign interface that jobs of ours also implement. It is never imported, only met once it is loaded.

    Args:
        module: the module that defines it.
        name: the name of the abstract class in that module.
    """
    _unmet[module, name] = None
    register_with_counterparts()


def register_with_counterparts() -> None:
    """Register ``BasePrimitiveJob`` with the counterparts loaded since. Costs next to nothing; any thread."""
    for module, name in tuple(_unmet):
        theirs = getattr(sys.modules.get(module), name, None)  # absent, or its import has not come that far
        if isinstance(theirs, ABCMeta):
            theirs.register(BasePrimitiveJob)  # type: ignore[type-abstract]
            _unmet.pop((module, name), None)


def _is_counterpart(ancestor: type) -> bool:
    # Only a *proper* ancestor may match: an interface that were itself a subclass of ours could not register us.
    return ancestor.__name__ == BasePrimitiveJob.__name__ and all(hasattr(ancestor, name) for name in _METHODS)
