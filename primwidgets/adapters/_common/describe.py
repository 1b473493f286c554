"""Foreign things as bounded text: whatever a provider or a user put into a job, reading it must not fail."""

from __future__ import annotations

import reprlib
import traceback
from collections.abc import Mapping
from enum import Enum
from itertools import islice
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.errors import JobFailed
from primwidgets.snapshot import WORD_LIMIT, JobError, clip

#: How many entries of a job's metadata are shown.
METADATA_LIMIT: Final = 20
#: The reason of a failure that the provider does not tell by itself.
UNTOLD: Final = "The job failed; result() says why."

_short = reprlib.Repr()
_short.maxlevel = 3
_short.maxdict = _short.maxlist = _short.maxtuple = _short.maxset = _short.maxfrozenset = _short.maxdeque = 20
_short.maxstring = _short.maxother = _short.maxlong = WORD_LIMIT


def describe(value: object) -> str:
    """``value`` as a word of at most ``WORD_LIMIT`` characters: a text as it is, anything else as its ``repr``."""
    told = border.call(_word, value)
    return f"<{type(value).__name__}>" if isinstance(told, border.Raised) else told.value


def describe_error(error: BaseException) -> JobError:
    """What a job raised, as text."""
    if isinstance(error, JobFailed):  # which says what a read has told
        return JobError(error.type, border.message_of(error), error.remote_traceback)
    trace = border.call(traceback.format_exception, error)  # which asks __str__ and __notes__, a stranger's code
    told = None if isinstance(trace, border.Raised) else "".join(trace.value)
    return JobError(type(error).__name__, border.message_of(error), told)


def describe_metadata(metadata: object) -> Mapping[str, str]:
    """The first entries of a job's metadata as text; empty for anything that is no mapping, or cannot be asked."""
    entries = border.call(_first_entries, metadata)
    return {} if isinstance(entries, border.Raised) else entries.value


def _word(value: object) -> str:
    return clip(str.__str__(value) if isinstance(value, str) else _short.repr(value))


def _first_entries(metadata: object) -> Mapping[str, str]:
    if not isinstance(metadata, Mapping):
        return {}
    return {describe(key): describe(value) for key, value in islice(iter(metadata.items()), METADATA_LIMIT)}


def describe_status(status: Any) -> str | None:
    """A provider's status as the word the provider uses; of an enum that is the member's name."""
    if status is None:
        return None
    if isinstance(status, str) and not isinstance(status, Enum):
        return clip(status)
    for word in (getattr(status, "name", None), getattr(status, "value", None)):
        if isinstance(word, str):
            return clip(word)
    return describe(status)


def package_of(job: object) -> str:
    """The top-level package that defines the class of ``job``; of a class made in a notebook, its name."""
    kind = type(job)
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == "__main__" else package
