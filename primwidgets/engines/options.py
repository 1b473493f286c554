"""Options of a call besides its engine and its name: what they may be, and an engine that applies them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Final

from typing_extensions import override

from primwidgets import _border as border
from primwidgets.engines.alarms import LONGEST
from primwidgets.engines.attempts import AttemptRules
from primwidgets.engines.base import Engine, FunctionCall, FunctionJob
from primwidgets.engines.future_attempts import first_attempt
from primwidgets.errors import EngineError
from primwidgets.snapshot import WORD_LIMIT

#: The most retries of a call.
RETRIES_LIMIT: Final = 1_000


@dataclass(frozen=True, slots=True)
class CallOptions:
    """What is wanted of a call besides its engine and its name.

    Attributes:
        rules: how often it is started again, and how long it may run.
        tags: words by which its job is found.
    """

    rules: AttemptRules = field(default_factory=AttemptRules)
    tags: tuple[str, ...] = ()

    def on(self, engine: Engine) -> Engine:
        """An engine that runs calls on ``engine`` with these options; ``engine`` itself if none was given.

        Raises:
            EngineError: the engine cannot do that; the message says what to do instead.
        """
        if self is NO_OPTIONS or self == NO_OPTIONS:
            return engine
        reason = getattr(engine, "without_attempts", None)
        if isinstance(reason, str) and self.rules != NO_OPTIONS.rules:
            raise EngineError(reason)
        return OptionsEngine(engine, self)


#: Neither retries nor a time limit nor tags.
NO_OPTIONS: Final = CallOptions()


def call_options(
    retries: object = 0, retry_delay: object = 0, timeout: object = None, tags: str | Iterable[str] = ()
) -> CallOptions:
    """The options, checked; see ``submit.options``.

    Raises:
        TypeError: an option is of the wrong type.
        ValueError: an option is out of its range.
    """
    return CallOptions(
        AttemptRules(
            _checked_retries(retries),
            _checked_seconds("retry_delay", retry_delay),
            None if timeout is None else _checked_seconds("timeout", timeout, positive=True),
        ),
        _checked_tags(tags),
    )


class OptionsEngine(Engine):
    """Runs calls on another engine, with options.

    Args:
        engine: runs the calls.
        options: what is wanted of each of them.
    """

    def __init__(self, engine: Engine, options: CallOptions) -> None:
        self._engine = engine
        self._options = options

    @override
    def start(self, task: FunctionCall) -> FunctionJob[Any]:
        job = self._engine.start(task)
        if not isinstance(job, FunctionJob):
            border.call(getattr(job, "cancel", bool))  # nobody would see what becomes of it
            raise EngineError(
                f"{type(self._engine).__name__} gives jobs of its own kind ({type(job).__name__}), for which there are "
                "no retries, timeout and tags: leave them out, or use options of that engine."
            )
        rules = self._options.rules
        return job if rules == NO_OPTIONS.rules else first_attempt(job, task, self._engine, rules)


def _checked_retries(retries: object) -> int:
    if not isinstance(retries, int) or isinstance(retries, bool):
        raise TypeError(f"retries= takes a whole number, not {type(retries).__name__}.")
    if not 0 <= retries <= RETRIES_LIMIT:
        raise ValueError(f"retries= must be from 0 to {RETRIES_LIMIT:,}, not {retries}.")
    return retries


def _checked_seconds(option: str, seconds: object, *, positive: bool = False) -> float:
    if not isinstance(seconds, Real) or isinstance(seconds, bool):
        raise TypeError(f"{option}= takes a number of seconds, not {type(seconds).__name__}.")
    value = float(seconds)
    if not math.isfinite(value) or value < 0 or value > LONGEST or (positive and value == 0):
        least = "more than 0" if positive else "from 0"
        raise ValueError(f"{option}= must be {least} to {LONGEST:,.0f} seconds, not {seconds}.")
    return value


def _checked_tags(tags: str | Iterable[str]) -> tuple[str, ...]:
    words = (tags,) if isinstance(tags, str) else tuple(tags)
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"tags= takes words, not {type(word).__name__}.")
        if not word.strip() or "," in word:
            raise ValueError(f"A tag must be a word without commas, not {word!r}.")
    unique = tuple(dict.fromkeys(word.strip() for word in words))
    if len(", ".join(unique)) > WORD_LIMIT:
        raise ValueError(f"All tags of a job together must have at most {WORD_LIMIT} characters.")
    return unique
