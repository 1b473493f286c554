"""Drop-in replacements: objects that behave as the primitive that they wrap."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2
from typing_extensions import override


class DropIn:
    """Replaces a primitive.

    Attributes that this class does not define are read, written and deleted on the primitive; ``isinstance`` accepts
    the primitive's class; copying and pickling include the primitive. A subclass defines its own ``run``.

    Args:
        primitive: the primitive that runs the PUBs.
        **settings: the keyword arguments of a subclass.

    Raises:
        TypeError: ``primitive`` is not a primitive.
    """

    __slots__ = ("__weakref__", "_primwidgets")

    _accepts: ClassVar[tuple[type, ...]] = (BaseSamplerV2, BaseEstimatorV2)
    _expects: ClassVar[str] = "a sampler or an estimator"

    def __init__(self, primitive: Any, **settings: Any) -> None:
        if not isinstance(primitive, self._accepts):
            raise TypeError(f"Expected {self._expects}, such as {self._example()}, got {_described(primitive)}.")
        object.__setattr__(self, "_primwidgets", (primitive, settings))

    @property
    def primitive(self) -> Any:
        """The wrapped primitive."""
        return _state_of(self)[0]

    @property
    def _settings(self) -> Mapping[str, Any]:
        return _state_of(self)[1]

    @classmethod
    def _example(cls) -> str:
        return "StatevectorSampler()" if BaseSamplerV2 in cls._accepts else "StatevectorEstimator()"

    @override  # type: ignore[misc]
    @property
    def __class__(self) -> type:
        """The class of the primitive, for ``isinstance``, which accepts the class of the drop-in as well."""
        return type(self.primitive)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.primitive, name)

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            super().__setattr__(name, value)
        else:
            setattr(self.primitive, name, value)

    @override
    def __delattr__(self, name: str) -> None:
        if hasattr(type(self), name):
            super().__delattr__(name)
        else:
            delattr(self.primitive, name)

    @override
    def __dir__(self) -> list[str]:
        return sorted({*dir(type(self)), *dir(self.primitive)})

    @override
    def __repr__(self) -> str:
        settings = "".join(f", {name}={value!r}" for name, value in self._settings.items() if value is not None)
        return f"{type(self).__name__}({self.primitive!r}{settings})"

    @override
    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.primitive, dict(self._settings))

    def __copy__(self) -> Any:
        return _rebuilt(type(self), copy.copy(self.primitive), self._settings)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _rebuilt(type(self), copy.deepcopy(self.primitive, memo), self._settings)  # the engine is shared


def _state_of(drop_in: DropIn) -> tuple[Any, Mapping[str, Any]]:
    state: tuple[Any, Mapping[str, Any]] = object.__getattribute__(drop_in, "_primwidgets")
    return state


def _rebuilt(kind: Any, primitive: Any, settings: Mapping[str, Any]) -> Any:
    return kind(primitive, **settings)


def _described(given: Any) -> str:
    name = type(given).__name__
    if isinstance(given, type):
        return f"the class {given.__name__}; call it first"
    if callable(getattr(given, "result", None)):
        return f"{name}; for a card of a job use WidgetJob(job)"
    if callable(getattr(given, "run", None)):
        return f"{name}; BackendSamplerV2(backend=…) and BackendEstimatorV2(backend=…) make primitives of a backend"
    return name
