"""Standing for the job: what makes ``WidgetJob`` pass for the object that it wraps."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets._jupyter.card_widget import CardWidget, observed_by_name
from primwidgets._jupyter.proxy_class import public_class
from primwidgets.primitive_job import register_with_counterparts


class ProxyTarget:
    """What a card stands for.

    Attributes:
        job: the provider's own job.
    """

    __slots__ = ("job",)

    def __init__(self, job: Any) -> None:
        self.job = job


class _End:
    """Ends the constructors of traitlets, which would go on to call that of a job's interface, without its id."""

    def __init__(self) -> None:
        pass


class JobProxy(CardWidget, _End):
    """A card that stands for the job it shows.

    Attributes that its class does not have are the job's; ``isinstance`` holds against the job's class; it equals the
    job; and it is copied and pickled with the job, into a new card.
    """

    _primwidgets: ProxyTarget | None = None
    _public_class: ClassVar[Any] = None
    """The class that users know, where this one was made for jobs of one class."""
    _jobs_traits: ClassVar[frozenset[str]] = frozenset()
    """Traits that have the name of a job's attribute: reading one gives the job's attribute."""
    _plain_threads: set[int] | None = None
    """The threads on which the card admits its own class at the moment."""

    @override  # type: ignore[misc]
    @property
    def __class__(self) -> type:
        """The class of the job, so that ``isinstance`` holds; it holds against the card's own class all the same."""
        original: ProxyTarget | None = self.__dict__.get("_primwidgets")
        if original is None or threading.get_ident() in self.__dict__.get("_plain_threads", ()):
            return type(self)
        register_with_counterparts()
        return original.job.__class__  # type: ignore[no-any-return]

    @property
    def _travels_bare(self) -> bool:
        """Whether the job is pickled without its card; for a subclass."""
        return False

    @contextlib.contextmanager
    def _as_own_class(self) -> Iterator[None]:
        """Admit the own class on this thread, for the places where traitlets looks up its members on ``__class__``."""
        plain_threads: set[int] = self.__dict__.setdefault("_plain_threads", set())  # made in one step, by one thread
        me = threading.get_ident()
        outermost = me not in plain_threads
        plain_threads.add(me)
        try:
            yield
        finally:
            if outermost:
                plain_threads.discard(me)

    @contextlib.contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        with self._as_own_class(), super().hold_trait_notifications():
            yield

    def _notify_observers(self, event: Any) -> None:
        """Which looks for an old-style observer on ``__class__``."""
        observed = event["name"] in observed_by_name(type(self))  # type: ignore[arg-type]  # see _is_own
        with self._as_own_class() if observed else contextlib.nullcontext():
            super()._notify_observers(event)

    def _is_own(self, name: str) -> bool:
        """Whether an attribute is the card's, not the job's: its class has it, or it came before the job."""
        mine = self.__dict__
        if "_primwidgets" not in mine or name in mine:
            return True
        return name in _own_names(type(self))  # type: ignore[arg-type]  # mypy: no class with a __hash__ is Hashable

    @forwards
    def __getattr__(self, name: str) -> Any:
        if self._is_own(name):
            return super().__getattribute__(name)  # raises again what went wrong in a property of the card
        return getattr(_job_of(self), name)

    @override
    @forwards
    def __setattr__(self, name: str, value: Any) -> None:
        if "_primwidgets" not in self.__dict__ or self._is_own(name):
            object.__setattr__(self, name, value)
        else:
            setattr(_job_of(self), name, value)

    @override
    @forwards
    def __delattr__(self, name: str) -> None:
        if self._is_own(name):
            super().__delattr__(name)
        else:
            delattr(_job_of(self), name)

    @override
    def __dir__(self) -> list[str]:
        theirs = [] if self._primwidgets is None else dir(self._primwidgets.job)
        return sorted({*dir(type(self)), *self.__dict__, *theirs})

    @override
    def __eq__(self, other: object) -> Any:  # some jobs compare into something else than a bool
        """Whether ``other`` is the same job, wrapped or not: functions that wait for futures return the job itself."""
        mine, theirs = self._primwidgets, other._primwidgets if isinstance(other, JobProxy) else None
        if mine is None:
            return self is other
        return mine.job == (other if theirs is None else theirs.job)

    @override
    def __ne__(self, other: object) -> Any:
        mine, theirs = self._primwidgets, other._primwidgets if isinstance(other, JobProxy) else None
        if mine is None:
            return self is not other
        return mine.job != (other if theirs is None else theirs.job)

    @override
    def __hash__(self) -> int:
        return object.__hash__(self) if self._primwidgets is None else hash(self._primwidgets.job)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Which reads attributes; the card's own values are sent, not the job's."""
        if not self._jobs_traits:
            state: dict[str, Any] = super().get_state(key, drop_defaults)
            return state
        keys = set(self.keys) if key is None else {key} if isinstance(key, str) else set(key)
        state = super().get_state(keys - self._jobs_traits, drop_defaults)
        return state | {trait: self._trait_values.get(trait) for trait in keys & self._jobs_traits}

    @override
    def __reduce_ex__(self, protocol: Any) -> Any:
        job = _job_of(self)
        if self._travels_bare:
            return job.__reduce_ex__(protocol)
        return _wrap_again, (public_class(self), job, self._trait_values.get("name"))

    @override
    def __getstate__(self) -> Any:
        return _job_of(self).__getstate__()

    def __copy__(self) -> Any:
        return _wrap_again(public_class(self), copy.copy(_job_of(self)), self._trait_values.get("name"))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return _wrap_again(public_class(self), copy.deepcopy(_job_of(self), memo), self._trait_values.get("name"))


_OLD_STYLE: Final = ("changed", "validate", "default")


@cache
def _own_names(card_class: Any) -> frozenset[str]:
    """The names that are the card's, not the job's; and those by which traitlets looks for old-style methods."""
    names = {name for ancestor in card_class.__mro__ for name in vars(ancestor)}
    old_style = {f"_{trait}_{role}" for trait in card_class.class_trait_names() for role in _OLD_STYLE}
    return frozenset(names | old_style)


def _job_of(card: JobProxy) -> Any:
    if card._primwidgets is None:
        raise RuntimeError(f"{type(card).__name__}.__init__ was not called.")
    return card._primwidgets.job


def _wrap_again(card_class: type[Any], job: Any, name: str | None) -> Any:
    """A card for a copy of a job; the copy itself where that is something else than a job, or cannot be asked."""
    try:
        return card_class(job, name=name)
    except Exception:  # noqa: BLE001  (a copy may lack what the provider's code needs, and is still what was asked for)
        return job
