"""The methods of the contract with the signatures of the job's own methods.

``WidgetJob`` takes any arguments and passes them on. Who asks for the signature of a wrapped job's method, as
``inspect.signature`` and ``help`` do, is to see what the provider's method takes.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final

from primwidgets import _border as border

#: Methods of a stand-in that call the job's method of that name.
_CONTRACT: Final = (
    *("job_id", "result", "cancel", "status", "done", "running", "cancelled", "in_final_state", "wait"),
    "add_done_callback",
)
_CALL: Final = "__call__"
_PLAIN: Final = (type(None), bool, int, float, str)
_SELF: Final = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)


@dataclass(frozen=True, slots=True)
class MethodOfJob:
    """A method of the contract as one class of jobs has it. Two are equal where their parameters are.

    Attributes:
        name: of the method.
        key: stands for the signature, which cannot be compared where a default cannot.
        signature: with the parameter for the job itself.
    """

    name: str
    key: tuple[object, ...]
    signature: inspect.Signature = field(compare=False)


def methods_of(job_class: type, *, without: Collection[str]) -> frozenset[MethodOfJob]:
    """The methods of the contract whose signatures ``job_class`` tells, but for those of some names."""
    names = (name for name in (*_CONTRACT, _CALL) if name not in without)
    signatures = ((name, _signature_of(job_class, name)) for name in names)
    return frozenset(MethodOfJob(name, _key(told), told) for name, told in signatures if told is not None)


def with_signatures(
    stand_in_class: Any, special: Mapping[str, Any], methods: Collection[MethodOfJob]
) -> dict[str, Any]:
    """Copies of the methods that pass all arguments on, with the signatures of ``methods``.

    Args:
        stand_in_class: has the methods of the contract.
        special: the special methods that pass a call on, by name.
        methods: of the job's class.
    """
    copies = {}
    for method in methods:
        function = special.get(method.name) or getattr(stand_in_class, method.name, None)
        if isinstance(function, FunctionType) and (method.name in special or _passes_all_on(function)):
            copies[method.name] = _copy(function, method.signature)
    return copies


def _passes_all_on(function: FunctionType) -> bool:
    """Whether that is a method of ours, and not one of a subclass that has parameters of its own."""
    return function.__qualname__.startswith("WidgetJob.") and function.__module__.startswith(f"{_PACKAGE}.")


def _copy(function: FunctionType, signature: inspect.Signature) -> Any:
    twin: Any = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__, twin.__module__, twin.__doc__ = function.__qualname__, function.__module__, function.__doc__
    twin.__signature__ = signature
    return twin


def _signature_of(job_class: type, name: str) -> inspect.Signature | None:
    """The signature of a method as it is in the class; ``None`` if there is none, or Python cannot tell it."""
    static = inspect.getattr_static(job_class, name, None)
    bound = isinstance(static, staticmethod | classmethod)
    if not bound and not (inspect.isroutine(static) or isinstance(static, FunctionType)):
        return None
    told = border.call(inspect.signature, getattr(job_class, name) if bound else static)
    if isinstance(told, border.Raised):
        return None
    signature: inspect.Signature = told.value
    return signature.replace(parameters=(_SELF, *signature.parameters.values())) if bound else signature


def _key(signature: inspect.Signature) -> tuple[object, ...]:
    return (
        *((one.name, one.kind, _part(one.default), _part(one.annotation)) for one in signature.parameters.values()),
        _part(signature.return_annotation),
    )


def _part(value: object) -> object:
    """What stands for a default or an annotation; the signature keeps those alive that are told apart by identity."""
    return (type(value), value) if type(value) in _PLAIN else id(value)


_PACKAGE: Final = __name__.partition(".")[0]
