"""The class of a stand-in for jobs of one class.

``__getattr__`` forwards what a stand-in does not have itself. That leaves three things, which are made in a subclass:

* Python looks special methods up on the type. The subclass has exactly those of the job's class, so ``len(stand_in)``,
  ``hasattr`` and ``isinstance(stand_in, Sized)`` agree with the job.
* A name that the provider's job has, too, is the provider's: an attribute ``status``, or a ``progress`` that counts
  tasks. The card's own view has other ways: ``snapshot``, ``observe`` and the traits that a frontend sees.
* Some libraries ask the type itself for a base class; an adapter names it as ``Adapter.stand_in_bases``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import cache
from inspect import getattr_static
from typing import Any, Final
from weakref import WeakKeyDictionary

from traitlets import TraitType

from primwidgets._forwarding import forwards
from primwidgets._jupyter.card_widget import SNAPSHOT_TRAITS
from primwidgets.adapters.base import Adapter
from primwidgets.primitive_job import BasePrimitiveJob


def _dunder(names: str, prefixes: tuple[str, ...] = ("",)) -> frozenset[str]:
    return frozenset(f"__{prefix}{name}__" for name in names.split() for prefix in prefixes)


#: Special methods that are forwarded where the job's class has them: containers, iterators, context managers, calls,
#: conversions and operators. Those that make, compare, copy, pickle or describe an object are the stand-in's own.
_FORWARDED: Final = (
    _dunder("len length_hint getitem setitem delitem missing contains reversed iter next aiter anext")
    | _dunder("enter exit aenter aexit call bool int float complex index round trunc floor ceil bytes fspath")
    | _dunder("neg pos abs invert lt le gt ge array array_priority buffer")
    | _dunder("add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or", ("", "r", "i"))
)
#: What returns the job returns the stand-in.
_RETURNS_SELF: Final = frozenset({"__enter__", "__iter__", "__aiter__"})
#: Traits of the card; where the job has something of that name, the trait can be observed, and reading it asks the job.
_TRAITS: Final = frozenset({*SNAPSHOT_TRAITS, "name"})
#: Methods of the contract, which call the job's; where the job has an attribute instead, they are that attribute.
_METHODS: Final = frozenset({"job_id", "status", "done", "running", "cancelled", "in_final_state"})
#: What every ``WidgetJob`` has, unless the job has something of that name.
_EXTRAS: Final = frozenset({"series", "elapsed", "eta"})
_NAMES: Final = _METHODS | _TRAITS | _EXTRAS
_of_class: Final[WeakKeyDictionary[type, tuple[frozenset[str], frozenset[str]]]] = WeakKeyDictionary()


def class_for(stand_in_class: Any, adapter: Adapter[Any]) -> Any:
    """``stand_in_class``, or a subclass of it that suits the job of ``adapter``; any thread.

    There is one subclass for each set of names, whatever the number of jobs and of their classes.
    """
    job = adapter.job
    job_class = type(job)
    known = _of_class.get(job_class)
    if known is None:
        known = _of_class[job_class] = _special_methods(job_class), _providers_names(job_class)
    special, names = known
    more = getattr(job, "__dict__", None)
    if isinstance(more, dict) and not _NAMES.isdisjoint(more) and not _is_ours(job_class):
        names |= {name for name in _NAMES.intersection(more) if _is_providers(name, more[name])}
    if special or names or adapter.stand_in_bases:
        return _subclass(stand_in_class, special, names, adapter.stand_in_bases)
    return stand_in_class


def public_class(stand_in: Any) -> Any:
    """The class of ``stand_in`` that a user knows and can import."""
    return stand_in._public_class or type(stand_in)


def _special_methods(job_class: type) -> frozenset[str]:
    return frozenset(name for name in _FORWARDED if _has(job_class, name))


def _has(job_class: type, name: str) -> bool:
    owner = next((base for base in job_class.__mro__ if name in vars(base)), object)
    return owner is not object and vars(owner)[name] is not None  # ``None`` is Python's way to say "not supported"


def _providers_names(job_class: type) -> frozenset[str]:
    if _is_ours(job_class):
        return frozenset()
    found = {name: getattr_static(job_class, name, _MISSING) for name in _NAMES}
    return frozenset(name for name, value in found.items() if value is not _MISSING and _is_providers(name, value))


def _is_ours(job_class: type) -> bool:
    """Whether these names of the job mean what the card means by them: it is a job of primwidgets itself."""
    own = [base.__module__ for base in job_class.__mro__ if base.__module__.partition(".")[0] == _PACKAGE]
    return any(module != BasePrimitiveJob.__module__ for module in own)


def _is_providers(name: str, value: object) -> bool:
    return name not in _METHODS or not (callable(value) or isinstance(value, staticmethod | classmethod))


_MISSING: Final = object()
_PACKAGE: Final = __name__.partition(".")[0]


@cache
def _subclass(stand_in_class: Any, special: frozenset[str], names: frozenset[str], bases: tuple[type, ...]) -> Any:
    own = _own_names((stand_in_class,))
    body: dict[str, Any] = {name: _attribute(name) for name in _own_names(bases) - own if not name.startswith("__")}
    body |= {name: _special_method(name) for name in special - own}
    body |= {name: _attribute(name) for name in names - _TRAITS}
    body |= {name: _trait(getattr(stand_in_class, name)) for name in names & _TRAITS}
    body |= {
        "__module__": stand_in_class.__module__,
        "__qualname__": stand_in_class.__qualname__,
        "__doc__": stand_in_class.__doc__,
        "_public_class": stand_in_class,
        "_jobs_traits": names & _TRAITS,
    }
    return type(stand_in_class)(stand_in_class.__name__, (stand_in_class, *bases), body)


def _own_names(classes: Iterable[type]) -> set[str]:
    """What ``classes`` define themselves."""
    return {name for kind in classes for base in kind.__mro__ if base is not object for name in vars(base)}


def _special_method(name: str) -> Callable[..., Any]:
    @forwards
    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        job = self.job
        answer = getattr(type(job), name)(job, *args, **kwargs)
        return self if answer is job and name in _RETURNS_SELF else answer

    forward.__name__ = forward.__qualname__ = name
    return forward


def _attribute(name: str) -> property:
    return property(
        forwards(lambda self: getattr(self.job, name)),
        forwards(lambda self, value: setattr(self.job, name, value)),
        forwards(lambda self: delattr(self.job, name)),
    )


def _trait(trait: TraitType[Any, Any]) -> TraitType[Any, Any]:
    """A copy of ``trait`` that is observed and sent as before; who reads the attribute gets the job's."""

    @forwards
    def read(self: TraitType[Any, Any], owner: Any, kind: type) -> Any:
        if owner is None or owner._primwidgets is None:
            return type(trait).__get__(self, owner, kind)
        return getattr(owner.job, str(self.name))

    twin = copy.copy(trait)
    twin.__class__ = type(type(trait).__name__, (type(trait),), {"__get__": read})
    return twin
