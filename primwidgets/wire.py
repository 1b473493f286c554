"""What a value on the wire may be: its type and its bounds, declared once, beside the field of a dataclass.

A schema writes a value in plain JSON and reads one of any origin: an older or a newer version, a file, a stranger. Text
that is too long is cut; what does not fit in another way raises ``UnfitError``. Schemas are equal only to themselves,
since annotations have to be hashable. The readers of the frontend are generated from the same declarations by
``labextension/scripts/generate_wire.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints, is_typeddict

from typing_extensions import override

#: The longest word or name, in characters.
WORD_LIMIT: Final = 300
#: Numbers beyond are not exact in a browser.
INTEGER_LIMIT: Final = 2**53 - 1

#: Stands for the default of a field that is required.
REQUIRED: Final = MISSING


class UnfitError(ValueError):
    """A value is not what the schema says."""


def clip(text: str, limit: int = WORD_LIMIT, *, tail: bool = False) -> str:
    """``text`` cut to ``limit`` characters with a visible mark; ``tail`` keeps the end, as a traceback wants."""
    if len(text) <= limit:
        return text
    return f"…{text[1 - limit :]}" if tail else f"{text[: limit - 1]}…"


def clean(text: str) -> str:
    """``text`` without lone surrogates, which no JSON encoder and no browser takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Schema(ABC):
    """The type and the bounds of a value."""

    @abstractmethod
    def write(self, value: Any) -> Any:
        """The JSON form of a value of ours; ``None`` for what is out of bounds and cannot be cut."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """The value in a JSON form.

        Raises:
            UnfitError: it has another type or is out of bounds.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Text(Schema):
    """Text of at most ``limit`` characters; of longer text the beginning is kept, or with ``tail`` the end."""

    limit: int
    tail: bool = False

    @override
    def write(self, value: Any) -> str:
        if type(value) is str and len(value) <= self.limit and value.isascii():  # as nearly all text is
            return value
        text = str.__str__(value) if isinstance(value, str) else str(value)  # whatever a subclass of str does
        return clean(clip(text, self.limit, tail=self.tail))

    @override
    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise UnfitError("not a text")
        return clip(value, self.limit, tail=self.tail)


@dataclass(frozen=True, slots=True, eq=False)
class Identifier(Schema):
    """Text that names something. Cut, it would name something else: longer text than ``limit`` does not fit."""

    limit: int

    @override
    def write(self, value: Any) -> str:
        return clean(str(value))

    @override
    def read(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.limit:
            raise UnfitError(f"not a text of at most {self.limit} characters")
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Number(Schema):
    """A finite number from ``low`` to ``high``; with ``whole`` an integer."""

    low: float
    high: float
    whole: bool = False

    @override
    def write(self, value: Any) -> float | None:
        return value if isinstance(value, int | float) and self.low <= value <= self.high else None

    @override
    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnfitError("not a number")
        if not self.low <= value <= self.high or (self.whole and value % 1):
            raise UnfitError("out of range")
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Flag(Schema):
    """True or false."""

    @override
    def write(self, value: Any) -> bool:
        return bool(value)

    @override
    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise UnfitError("neither true nor false")
        return value


@dataclass(frozen=True, slots=True, eq=False)
class Word(Schema):
    """One of the words of an enumeration."""

    words: type[StrEnum]

    @override
    def write(self, value: Any) -> str:
        return str(value)

    @override
    def read(self, value: object) -> StrEnum:
        if not isinstance(value, str) or value not in self.words.__members__.values():
            raise UnfitError(f"not one of the words of {self.words.__name__}")
        return self.words(value)


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Schema):
    """One certain word."""

    word: str

    @override
    def write(self, value: Any) -> str:
        return str(value)

    @override
    def read(self, value: object) -> str:
        if value != self.word:
            raise UnfitError(f"not {self.word}")
        return self.word


@dataclass(frozen=True, slots=True, eq=False)
class TextMap(Schema):
    """Text by name: the first ``entries``, names and texts cut to ``limit`` characters."""

    entries: int
    limit: int

    @override
    def write(self, value: Any) -> dict[str, str]:
        text = Text(self.limit).write
        return {text(key): text(entry) for key, entry in islice(value.items(), self.entries)}

    @override
    def read(self, value: object) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise UnfitError("not a mapping")
        text = Text(self.limit).read
        return {text(key): text(entry) for key, entry in islice(value.items(), self.entries)}


@dataclass(frozen=True, slots=True, eq=False)
class Many(Schema):
    """A list of at most ``limit`` items; one that is longer does not fit, since what is left out has to be counted."""

    item: Schema
    limit: int

    @override
    def write(self, value: Any) -> list[Any]:
        return [self.item.write(item) for item in islice(value, self.limit)]

    @override
    def read(self, value: object) -> list[Any]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > self.limit:
            raise UnfitError(f"not a list of at most {self.limit} items")
        return [self.item.read(item) for item in value]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers(Schema):
    """A list of at most ``limit`` finite numbers from ``low`` to ``high``; with ``gaps`` some may be ``None``."""

    limit: int
    low: float
    high: float
    gaps: bool = False

    @override
    def write(self, value: Any) -> list[float | None]:
        low, high = self.low, self.high
        return [
            one if isinstance(one, int | float) and low <= one <= high else None for one in islice(value, self.limit)
        ]

    @override
    def read(self, value: object) -> list[float | None]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > self.limit:
            raise UnfitError(f"not a list of at most {self.limit} numbers")
        read = Number(self.low, self.high).read
        return [None if one is None and self.gaps else read(one) for one in value]


@dataclass(frozen=True, slots=True, eq=False)
class OrNone(Schema):
    """Another schema's value or ``None``."""

    inner: Schema

    @override
    def write(self, value: Any) -> Any:
        return None if value is None else self.inner.write(value)

    @override
    def read(self, value: object) -> Any:
        return None if value is None else self.inner.read(value)


@dataclass(frozen=True, slots=True, eq=False)
class Record(Schema):
    """The fields of a dataclass or of a ``TypedDict``; other keys are ignored.

    Attributes:
        kind: the class.
        fields: the schema of each field, in order.
        defaults: what to take for a field that is missing; ``REQUIRED`` where there is none.
    """

    kind: type
    fields: Mapping[str, Schema]
    defaults: Mapping[str, Any]

    @override
    def write(self, value: Any) -> dict[str, Any]:
        get = value.__getitem__ if isinstance(value, Mapping) else value.__getattribute__
        return {name: schema.write(get(name)) for name, schema in self.fields.items()}

    @override
    def read(self, value: object) -> Any:
        return self.kind(**self.values(value, forgiving=False))

    def values(self, value: object, *, forgiving: bool) -> dict[str, Any]:
        """The fields that ``value`` has, read; of fields that are missing those without a default.

        Args:
            value: a JSON form of any origin.
            forgiving: whether a field that does not fit is left out, so that it takes its default, instead of making
                the whole unfit. Never a word: one that is not known means something that this version does not.
        """
        if not isinstance(value, Mapping):
            raise UnfitError("not a record")
        known = {}
        for name, schema in self.fields.items():
            if name not in value and self.defaults[name] is not REQUIRED:
                continue
            try:
                known[name] = schema.read(value.get(name))
            except UnfitError as error:
                if not forgiving or self.is_strict(name):
                    raise UnfitError(f"{name}: {error}") from error
        return known

    def is_strict(self, name: str) -> bool:
        """Whether nothing can stand for that field where it does not fit."""
        return self.defaults[name] is REQUIRED or isinstance(self.fields[name], Word)


@dataclass(frozen=True, slots=True, eq=False)
class Choice(Schema):
    """One of several records, named by its field ``kind``."""

    records: Mapping[str, Record]

    @override
    def write(self, value: Any) -> Any:
        try:
            return self.read(value)
        except UnfitError:  # what an adapter of somebody else made
            return None

    @override
    def read(self, value: object) -> Any:
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in self.records:
            raise UnfitError(f"not one of {', '.join(self.records)}")
        return self.records[kind].read(value)


def record_of(kind: type) -> Record:
    """The schema of a dataclass or a ``TypedDict``, whose fields are annotated with their bounds.

    A field of a dataclass with the metadata ``{"sent": False}`` stays in this process: it is not part of the schema.

    Raises:
        TypeError: a field has a type that says too little.
    """
    hints = get_type_hints(kind, include_extras=True)
    defaults: dict[str, Any] = dict.fromkeys(hints, REQUIRED)
    if is_dataclass(kind):
        for one in fields(kind):
            if not one.metadata.get("sent", True):
                del hints[one.name], defaults[one.name]
                continue
            made = one.default if one.default_factory is MISSING else one.default_factory()
            defaults[one.name] = made
    return Record(kind, {name: _schema_of(name, hint) for name, hint in hints.items()}, defaults)


def _schema_of(name: str, hint: Any) -> Schema:
    if get_origin(hint) is Annotated:
        declared = [extra for extra in hint.__metadata__ if isinstance(extra, Schema)]
        if declared:
            return declared[0]
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        (inner,) = [one for one in get_args(hint) if one is not NoneType]
        return OrNone(_schema_of(name, inner))
    if hint is bool:
        return Flag()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Word(hint)
    if is_dataclass(hint) or is_typeddict(hint):
        return record_of(hint)
    raise TypeError(f"{name} has no bounds: {hint}")
