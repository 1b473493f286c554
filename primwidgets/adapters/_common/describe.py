"""Foreign things as bounded text: whatever a provider or a user put into a job, reading it must not fail."""

from __future__ import annotations

import reprlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from itertools import islice
from numbers import Number
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.adapters._common.status_texts import texts_of
from primwidgets.errors import JobFailed
from primwidgets.failure_report import FailureStep
from primwidgets.snapshot import WORD_LIMIT, JobError, clip
from primwidgets.traceback_text import chain_in
from primwidgets.tracebacks import chain_of

#: How many entries of a job's metadata are shown.
METADATA_LIMIT: Final = 20
#: The reason of a failure that the provider does not tell by itself.
NO_REASON: Final = "The job failed; result() says why."

_short = reprlib.Repr()
_short.maxlevel = 3
_short.maxdict = _short.maxlist = _short.maxtuple = _short.maxset = _short.maxfrozenset = _short.maxdeque = 20
_short.maxstring = _short.maxother = _short.maxlong = WORD_LIMIT


def describe(value: object) -> str:
    """``value`` as a word of at most ``WORD_LIMIT`` characters: a text as it is, anything else as its ``repr``."""
    told = border.call(_word, value)
    return f"<{type(value).__name__}>" if isinstance(told, border.Raised) else told.value


def describe_error(error: BaseException) -> JobError:
    """What a job raised, as text and as frames. What another process tells of it comes before what is known here."""
    message, kind = border.message_of(error), type(error).__name__
    if isinstance(error, JobFailed):  # which has the type and traceback of an earlier read
        told = error.remote_traceback
        return JobError(error.type, message, told, _contained(chain_in, told) if told else ())
    remote = border.call(_remote_traceback, error)
    if isinstance(remote, border.Returned) and remote.value is not None:
        return JobError(kind, message, *remote.value)
    trace = border.call(traceback.format_exception, error)  # which asks __str__ and __notes__, a stranger's code
    text = None if isinstance(trace, border.Raised) else "".join(trace.value)
    return JobError(kind, message, text, _contained(chain_of, error))


def _remote_traceback(error: BaseException) -> tuple[str, Sequence[FailureStep]] | None:
    """The traceback of an exception that came from another process; ``None`` if it did not.

    Executors and pools hang it on the exception as its cause, an exception whose text it is.
    """
    cause = error.__cause__
    if cause is None or type(cause).__name__.lstrip("_") != "RemoteTraceback":
        return None
    text = getattr(cause, "tb", None)
    if not isinstance(text, str):
        text = str(cause.args[0]) if cause.args else str(cause)
    text = text.strip().strip('"').strip()
    return text, getattr(cause, "chain", None) or chain_in(text)


def _contained(make: Callable[[Any], Sequence[FailureStep]], source: Any) -> Sequence[FailureStep]:
    made = border.call(make, source)
    return made.value if isinstance(made, border.Returned) else ()


def describe_metadata(metadata: object) -> Mapping[str, str]:
    """The first entries of a job's metadata as text; empty for anything that is no mapping, or cannot be asked."""
    entries = border.call(_first_entries, metadata)
    return {} if isinstance(entries, border.Raised) else entries.value


def _word(value: object) -> str:
    if isinstance(value, str):
        return clip(str.__str__(value))
    return clip(str(value) if isinstance(value, Number) else _short.repr(value))  # ``3``, not ``np.int64(3)``


def _first_entries(metadata: object) -> Mapping[str, str]:
    if not isinstance(metadata, Mapping):
        return {}
    return {describe(key): describe(value) for key, value in islice(iter(metadata.items()), METADATA_LIMIT)}


def describe_status(status: Any) -> str | None:
    """A provider's status as the word the provider uses; of an enum that is the member's name."""
    if status is None:
        return None
    if isinstance(status, bytes):
        return describe(status.decode("utf-8", "replace"))
    if isinstance(status, str) and not isinstance(status, Enum):
        return describe(status)
    for word in (getattr(status, "name", None), getattr(status, "value", None)):
        if isinstance(word, str):
            return describe(word)
    return describe(next((text for text in texts_of(status) if text), status))


def package_of(job: object) -> str:
    """The top-level package that defines the class of ``job``; of a class made in a notebook, its name."""
    kind = type(job)
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == "__main__" else package
