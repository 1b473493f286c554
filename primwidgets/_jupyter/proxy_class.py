"""The class of a stand-in for jobs of one class.

``__getattr__`` forwards what a stand-in does not have itself. What that leaves is made in a subclass:

* Python looks special methods up on the type. The subclass has exactly those of the job's class, so ``len(stand_in)``,
  ``hasattr`` and ``isinstance(stand_in, Sized)`` agree with the job. The same holds for the fields of a dataclass, and
  for whether ``match`` takes an object for a sequence or a mapping.
* ``inspect.signature`` looks at the function. The methods of the contract have the signatures of the job's.
* A name that the provider's job has, too, is the provider's: an attribute ``status``, or a ``progress`` that counts
  tasks. The card's own view has other ways: ``snapshot``, ``observe`` and the traits that a frontend sees.
* Callbacks of futures are called with the stand-in at which they were registered.
* Some libraries ask the type itself for a base class; an adapter names it as ``Adapter.stand_in_bases``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from inspect import getattr_static
from typing import Any, Final
from weakref import WeakKeyDictionary

from traitlets import TraitType
from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets._jupyter.card_widget import SNAPSHOT_TRAITS
from primwidgets._jupyter.done_callbacks import add_done_callback
from primwidgets._jupyter.job_signatures import MethodOfJob, methods_of, with_signatures
from primwidgets.adapters.base import Adapter
from primwidgets.primitive_job import BasePrimitiveJob


def _dunder(names: str, prefixes: tuple[str, ...] = ("",)) -> frozenset[str]:
    return frozenset(f"__{prefix}{name}__" for name in names.split() for prefix in prefixes)


_BINARY: Final = (
    _dunder("add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or", ("", "r", "i"))
    | _dunder("lt le gt ge")
)  # fmt: skip
#: Special methods that are forwarded where the job's class has them: containers, iterators, context managers, calls,
#: conversions, texts and operators. Those that make, compare, copy or pickle an object, and ``__repr__``, are the
#: stand-in's own.
_FORWARDED: Final = _BINARY | (
    _dunder("len length_hint getitem setitem delitem missing contains reversed iter next aiter anext")
    | _dunder("enter exit aenter aexit call bool int float complex index round trunc floor ceil bytes fspath")
    | _dunder("neg pos abs invert str format array array_ufunc array_function buffer sizeof")
    | _dunder("instancecheck subclasscheck")
)
#: A class sets one of these to ``None`` to say that it does not have it, whatever its ancestors have.
_TAKEN_BACK: Final = _FORWARDED | _dunder("hash")
#: Attributes, not methods, that libraries look for on the type of an object.
_OF_TYPE: Final = ("__dataclass_fields__", "__dataclass_params__")
#: Bits of ``type.__flags__`` by which ``match`` knows sequences and mappings, and the class to register at for each.
_MATCHED_AS: Final[tuple[tuple[int, Any], ...]] = ((1 << 5, Sequence), (1 << 6, Mapping))
#: Traits that ipywidgets gives every widget, and that no widget needs: jobs have logs.
_WIDGETS_TRAITS: Final = frozenset({"log", "tooltip", "tabbable"})
#: Traits of the card; where the job has something of that name, they can be observed, and the attribute is the job's.
_TRAITS: Final = frozenset({*SNAPSHOT_TRAITS, "name", *_WIDGETS_TRAITS})
#: Methods of the contract, which call the job's; where the job has an attribute instead, they are that attribute.
_METHODS: Final = frozenset({"job_id", "status", "done", "running", "cancelled", "in_final_state", "wait", "rerun"})
#: What every ``WidgetJob`` has, unless the job has something of that name.
_EXTRAS: Final = frozenset({"series", "elapsed", "eta"})
_NAMES: Final = _METHODS | _TRAITS | _EXTRAS
#: A list of ipywidgets that has the name of a method of mappings, which ``dict(job)`` calls.
_KEYS: Final = "keys"
#: The method of futures whose callback is called with the stand-in.
_CALLBACK: Final = "add_done_callback"
#: How many classes are kept; a session needs far fewer.
_CLASSES_KEPT: Final = 512


class _Same:
    """A value that equals only itself, so that it can be part of a key."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    @override
    def __hash__(self) -> int:
        return id(self.value)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a stand-in for the jobs of one class has to have on its type.

    Attributes:
        special: the special methods that are forwarded.
        has_keys: whether it has a method ``keys``, as mappings have.
        has_callbacks: whether it has a method ``add_done_callback``, as futures have.
        taken_back: those that the job's class says it does not have.
        names: those of the card's names that are the job's.
        methods: the methods of the contract that have signatures of the job's.
        of_type: attributes of the type, with their values.
        flags: how ``match`` takes an object of the class.
    """

    special: frozenset[str]
    has_keys: bool
    has_callbacks: bool
    taken_back: frozenset[str]
    names: frozenset[str]
    methods: frozenset[MethodOfJob]
    of_type: tuple[tuple[str, _Same], ...]
    flags: int


_NOTHING: Final = _Shape(frozenset(), False, False, frozenset(), frozenset(), frozenset(), (), 0)
_UNKNOWN: Final = (-1, _NOTHING)
#: With the number of names that the class and its ancestors had then: classes are patched, often in notebooks.
_of_class: Final[WeakKeyDictionary[type, tuple[int, _Shape]]] = WeakKeyDictionary()


def class_for(stand_in_class: Any, adapter: Adapter[Any]) -> Any:
    """``stand_in_class``, or a subclass of it that suits the job of ``adapter``; any thread.

    There is one subclass for each shape, whatever the number of jobs and of their classes.
    """
    job = adapter.job
    job_class = type(job)
    size, (known_size, shape) = _count_names(job_class), _of_class.get(job_class, _UNKNOWN)
    if size != known_size:
        shape = _shape_of(job_class)
        _of_class[job_class] = size, shape
    more = _own_attributes(job)
    if isinstance(more, dict) and not _NAMES.isdisjoint(more) and not _is_ours(job_class):
        names = {name for name in _NAMES.intersection(more) if _is_providers(name, more[name])}
        shape = replace(shape, names=shape.names | names)
    if shape == _NOTHING and not adapter.stand_in_bases:
        return stand_in_class
    return _subclass(stand_in_class, shape, adapter.stand_in_bases)


def _count_names(job_class: type) -> int:
    count = 0
    for base in job_class.__mro__:
        count += len(base.__dict__)
    return count


def _own_attributes(job: object) -> object:
    """The ``__dict__`` of ``job``; ``None`` if it has none, or its class makes one up and fails."""
    try:
        return getattr(job, "__dict__", None)
    except Exception:  # noqa: BLE001  (a property of somebody else's)
        return None


def public_class(stand_in: Any) -> Any:
    """The class of ``stand_in`` that a user knows and can import."""
    return stand_in._public_class or type(stand_in)


def _shape_of(job_class: type) -> _Shape:
    special = {name: _special(job_class, name) for name in _TAKEN_BACK}
    names = _providers_names(job_class)
    return _Shape(
        special=frozenset(name for name in _FORWARDED if special[name] is not _MISSING and special[name] is not None),
        has_keys=callable(getattr_static(job_class, _KEYS, None)),
        has_callbacks=callable(getattr_static(job_class, _CALLBACK, None)),
        taken_back=frozenset(name for name, value in special.items() if value is None),
        names=names,
        methods=frozenset() if _is_ours(job_class) else methods_of(job_class, without=names),
        of_type=tuple((name, _Same(vars(job_class)[name])) for name in _OF_TYPE if name in vars(job_class)),
        flags=job_class.__flags__ & sum(flag for flag, _ in _MATCHED_AS),
    )


def _special(job_class: type, name: str) -> object:
    """What ``job_class`` has of that name, other than what every object has."""
    ancestors = (base for base in job_class.__mro__ if base is not object)
    return next((vars(base)[name] for base in ancestors if name in vars(base)), _MISSING)


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


@lru_cache(_CLASSES_KEPT)
def _subclass(stand_in_class: Any, shape: _Shape, bases: tuple[type, ...]) -> Any:
    own = _own_names((stand_in_class,))
    body: dict[str, Any] = {name: _attribute(name) for name in _own_names(bases) - own if not name.startswith("__")}
    body |= {name: _special_method(name) for name in shape.special - own}
    if "__aenter__" in body:
        body["__aenter__"] = _enter_async
    if shape.has_callbacks and _CALLBACK not in own:
        body[_CALLBACK] = add_done_callback
    body |= dict.fromkeys(shape.taken_back)
    body |= {name: same.value for name, same in shape.of_type}
    body |= with_signatures(stand_in_class, body, shape.methods)
    body |= {name: _attribute(name) for name in shape.names - _TRAITS}
    body |= {name: _trait(getattr(stand_in_class, name)) for name in shape.names & _TRAITS}
    if shape.has_keys:
        body[_KEYS] = _KeysOfJob(getattr(stand_in_class, _KEYS))
    body |= {
        "__module__": stand_in_class.__module__,
        "__qualname__": stand_in_class.__qualname__,
        "__doc__": stand_in_class.__doc__,
        "_public_class": stand_in_class,
        "_jobs_traits": shape.names & _TRAITS,
    }
    made = type(stand_in_class)(stand_in_class.__name__, (stand_in_class, *bases), body)
    for flag, kind in _MATCHED_AS:
        if shape.flags & flag:
            kind.register(made)
    return made


def _own_names(classes: Iterable[type]) -> set[str]:
    """What ``classes`` define themselves."""
    return {name for kind in classes for base in kind.__mro__ if base is not object for name in vars(base)}


def _special_method(name: str) -> Callable[..., Any]:
    is_operator = name in _BINARY

    @forwards
    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        job = self.job
        if is_operator:  # many classes ask for the type of the other operand
            args = tuple(map(_bare, args))
        answer = getattr(type(job), name)(job, *args, **kwargs)
        return self if answer is job else answer

    forward.__name__ = forward.__qualname__ = name
    return forward


@forwards
async def _enter_async(self: Any) -> Any:
    job = self.job
    entered = await type(job).__aenter__(job)
    return self if entered is job else entered


def _bare(operand: Any) -> Any:
    return operand.job if hasattr(type(operand), "_public_class") else operand


def _attribute(name: str) -> property:
    return property(
        forwards(lambda self: getattr(self.job, name)),
        forwards(lambda self, value: setattr(self.job, name, value)),
        forwards(lambda self: delattr(self.job, name)),
    )


def _trait(trait: TraitType[Any, Any]) -> TraitType[Any, Any]:
    """A copy of ``trait`` that is observed and sent as before; the attribute of that name is the job's."""

    @forwards
    def read(self: TraitType[Any, Any], owner: Any, kind: type) -> Any:
        if owner is None or owner._primwidgets is None:
            return type(trait).__get__(self, owner, kind)
        return getattr(owner.job, str(self.name))

    @forwards
    def write(self: TraitType[Any, Any], owner: Any, value: Any) -> None:
        if owner._primwidgets is None:
            type(trait).__set__(self, owner, value)
        else:
            setattr(owner.job, str(self.name), value)

    @forwards
    def delete(self: TraitType[Any, Any], owner: Any) -> None:
        delattr(owner.job, str(self.name))

    twin = copy.copy(trait)
    body = {"__get__": read, "__set__": write, "__delete__": delete}
    twin.__class__ = type(type(trait).__name__, (type(trait),), body)
    return twin


class _KeysOfJob:
    """The trait ``keys`` of ipywidgets, whose value can also be called as the job's method.

    It is no trait itself: traitlets looks for a trait's default from the class on that defines the trait.
    """

    def __init__(self, trait: Any) -> None:
        self._trait = trait

    def __get__(self, owner: Any, kind: type) -> Any:
        names = self._trait.__get__(owner, kind)
        return names if owner is None or owner._primwidgets is None else _CallableKeys(names, owner.job.keys)

    def __set__(self, owner: Any, names: list[str]) -> None:
        self._trait.__set__(owner, names)


class _CallableKeys(list[str]):
    """The names of a card's traits."""

    def __init__(self, names: Iterable[str], theirs: Callable[..., Any]) -> None:
        super().__init__(names)
        self._theirs = theirs

    @forwards
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._theirs(*args, **kwargs)
