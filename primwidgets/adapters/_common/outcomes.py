"""What the exceptions of a provider, and what its ``result()`` returned, tell of the end of a job.

Importing a provider only for its exceptions costs too much, so they are recognised by the names of their classes.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.adapters._common.describe import NO_REASON, describe, describe_error
from primwidgets.adapters._common.status_words import is_word
from primwidgets.errors import StoppedWaiting
from primwidgets.snapshot import JobError, JobState, ResultReport

_CANCELLED: Final = re.compile("Cancell?ed|Aborted|Revoked")
_TIMED_OUT: Final = re.compile("Time_?[oO]ut")
#: The result was asked for too early, or in a state in which there is none.
_TOO_EARLY: Final = re.compile(
    "(Invalid|Illegal|Job|Task)State(Error|Exception)?$|Not(Yet)?(Ready|Done|Finished|Completed?|Available)|StillRunning|Pending"
)
#: Something between here and the provider, or the right to ask it.
_NETWORK: Final = re.compile(
    "Connection|Network|H[Tt][Tt][Pp]|URLError|SSL|Socket|Unreachable|Unavailable|Gateway|Proxy|Transport"
    "|Request(s|Exception|Error)|Api(Error|Exception)|Service(Request|Response)|RateLimit|TooManyRequests|Throttl"
    "|Auth|Credential|PermissionDenied"
)
#: The job failed, says a method that was asked for something else.
_JOB_FAILED: Final = re.compile("(Job|Task|Run)(Execution)?Fail(ure|ed)|Failed(Job|Task|Run)")
_NOT_FOUND: Final = re.compile(
    "(Job|Task|Resource|Object|Entity|Item)?(Not_?Found|DoesNotExist|Gone)|NoSuch|NoResultFound"
)
_NOT_FOUND_TEXT: Final = re.compile(
    r"(no such|unknown) (job|task|id)\b|\b(404|410)\b.{0,40}(not found|gone)"
    r"|\b(job|task|id):? [^ ]{1,100} (was |is )?(not found|does not exist|no longer exists|unknown)"
    r"|^((job|task|id) )?(not found|does not exist|no longer exists)",
    re.IGNORECASE,
)
_GONE_CODES: Final = (404, 410)
_CAUSES_FOLLOWED: Final = 5


def report_of_result(result: Any) -> ResultReport | None:
    """What a result tells that ``result()`` returned; ``None`` if nothing.

    ``None`` and a result that calls itself a failure come from jobs that failed or were cancelled as well, so the
    provider is to be asked before that is believed.
    """
    if result is None:
        return ResultReport(JobState.DONE, firm=False)
    if inspect.isawaitable(result):  # of an asynchronous provider: the result is still to come
        return None
    if type(result) is not dict and _calls_itself_a_failure(result):
        reason = describe(_attribute(result, "status") or "The result reports a failure.")
        return ResultReport(JobState.ERROR, JobError(type(result).__name__, reason), firm=False)
    return ResultReport(JobState.DONE)


def report_of_error(error: BaseException, *, local_cancel: bool = False) -> ResultReport | None:
    """What an exception tells that ``result()`` raised; ``None`` if nothing.

    Args:
        error: the exception.
        local_cancel: whether a cancelled handle does not mean a cancelled job.
    """
    if is_cancelled(error):
        return None if local_cancel else ResultReport(JobState.CANCELLED)
    if not isinstance(error, Exception) or is_no_outcome(error):
        return None
    if isinstance(error, OSError):  # a file that the job missed, or the provider's end of a line
        return ResultReport(None, describe_error(error))
    return ResultReport(JobState.ERROR, describe_error(error), certain=is_job_failure(error))


def is_cancelled(error: BaseException) -> bool:
    """Whether an exception says that the job was cancelled."""
    return isinstance(error, CancelledError) or (not isinstance(error, OSError) and _is_named(error, _CANCELLED))


def is_no_outcome(error: BaseException) -> bool:
    """Whether an exception speaks of the asking and not of the job."""
    return (
        isinstance(error, TimeoutError | ConnectionError | StoppedWaiting | NotImplementedError)
        or any(_is_named(error, names) for names in (_TIMED_OUT, _TOO_EARLY))
        or any(isinstance(one, ConnectionError) or _is_named(one, _NETWORK) for one in _with_causes(error))
        or (isinstance(error, OSError) and type(error).__module__ != "builtins")
        or type(error) is OSError
        or is_not_found(error)
    )


def is_job_failure(error: BaseException) -> bool:
    """Whether an exception says by its name that the job failed, whatever was asked for when it was raised."""
    return _is_named(error, _JOB_FAILED) and not _is_named(error, _NETWORK)


def is_not_found(error: BaseException, job_id: str | None = None) -> bool:
    """Whether an exception says that the provider does not know the job."""
    if isinstance(error, KeyError):
        key = describe(error.args[0]) if error.args else ""
        return (bool(job_id) and key == job_id) or bool(_NOT_FOUND_TEXT.search(key)) or _is_named(error, _NOT_FOUND)
    if isinstance(error, OSError | ImportError) and type(error).__module__ == "builtins":
        return False
    told = _code_of(error) in _GONE_CODES or _is_named(error, _NOT_FOUND)
    return told or bool(_NOT_FOUND_TEXT.search(_text_of(error)))


def word_in(error: BaseException) -> str | None:
    """The provider's word for a state that its own table lacks, which is all that some jobs raise then."""
    key = error.args[0] if type(error) is KeyError and error.args else None
    return key if isinstance(key, str) and is_word(key) else None


def is_unexplained(error: JobError | None) -> bool:
    """Whether nothing is known of why a job failed."""
    return error is None or not error.message or error.message == NO_REASON


def _calls_itself_a_failure(result: Any) -> bool:
    """Whether it is a result of circuits of which some failed; others use the same word for something else."""
    told = border.call(lambda: getattr(result, "success", None) is False and hasattr(result, "results"))
    return isinstance(told, border.Returned) and told.value


def _is_named(error: BaseException, names: re.Pattern[str]) -> bool:
    return any(names.search(kind.__name__) for kind in type(error).__mro__ if kind.__module__ != "builtins")


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(_CAUSES_FOLLOWED):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__


def _text_of(error: BaseException) -> str:
    return border.message_of(error)[:500]


def _code_of(error: BaseException) -> Any:
    """The HTTP status of an exception; ``None`` if it has none."""
    for holder in (error, _attribute(error, "response")):
        for name in ("status_code", "http_status", "code", "status"):
            if isinstance(code := _attribute(holder, name), int):
                return int(code)
    return None


def _attribute(holder: Any, name: str) -> Any:
    held = border.call(getattr, holder, name, None)
    return held.value if isinstance(held, border.Returned) else None
