"""What the words mean that providers use for the states of their jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Final

from primwidgets.snapshot import JobState

#: The words of many providers, as ``_fold`` leaves them. Left out is what means different things to different
#: providers (HOLD), and what says nothing (UNKNOWN).
_WORDS: Final[Mapping[JobState, str]] = {
    JobState.INITIALIZING: """
        INITIALIZING INITIALISING INITIALIZED INITIALISED VALIDATING VALIDATED VALIDATION CREATED CREATING NEW NEWOBJECT
        SUBMITTED SUBMITTING STARTING STARTINGUP STARTUP PREPARING PREPARED PROVISIONING CONFIGURING BOOTING REGISTERED
        ACCEPTED SENDINGDATA STATEUNSPECIFIED PENDINGREUSE PENDINGREPLACEMENT SETUP UPLOADING
    """,
    JobState.QUEUED: """
        QUEUED QUEUEING QUEUING INQUEUE ENQUEUED PENDING WAITING READY SCHEDULED SCHEDULING REQUEUED REQUEUING RETRY
        RETRYING RECEIVED DEFERRED DELAYED BLOCKED BACKLOG HELD ONHOLD PAUSED PAUSING SUSPENDED PREEMPTED IDLE
        NOTSTARTED JOININGQUEUE RATELIMITED READYTOENQUEUE LAUNCHED FAILRETRYABLE JOINING NIL LATE AWAITINGRETRY LOST
        SUBMITTEDTOWORKER GETTINGANDPINNINGARGS QUEUEDFOREXECUTION RUNNABLE
    """,
    JobState.RUNNING: """
        RUNNING STARTED INPROGRESS PROGRESS PROGRESSING EXECUTING EXECUTIONSTART EXECUTIONEND PROCESSING ACTIVE WORKING
        ONGOING BUSY COMPUTING COMPLETING FINISHING FINALIZING FINALISING DISPATCHING DISPATCHED POSTPROCESSING
        PENDINGPOSTPROCESSING RUNNINGENDED RUNNINGINRAYGET RUNNINGINRAYWAIT STARTINGINSTANCE DOWNLOADINGDATA
        UPLOADINGRESULTS RESUMED RESUMING ITERATING
    """,
    JobState.DONE: """
        DONE COMPLETED COMPLETE COMPLETION SUCCEEDED SUCCESS
        SUCCESSFUL COMPLETEDSUCCESSFULLY FINISHEDSUCCESSFULLY COMPLETEDWITHWARNINGS FINISHED OK PASSED
        EXECDONE MEMODONE CACHED FULFILLED
    """,
    JobState.CANCELLED: """
        CANCELLED CANCELED CANCELLEDANDNOTIFIED CANCELLEDBYUSER CANCELEDBYUSER USERCANCELLED USERCANCELED ABORTED
        STOPPED REVOKED KILLED TERMINATED INTERRUPTED WITHDRAWN
    """,
    JobState.ERROR: """
        ERROR ERRORED ERR FAILED FAILURE FAIL FAULT FAULTED CRASHED TIMEOUT TIMEDOUT EXPIRED REJECTED INVALID NODEFAIL
        NODEFAILURE OUTOFMEMORY OOM BOOTFAIL LAUNCHFAILED DEADLINE DEADLINEEXCEEDED MAXRUNTIMEEXCEEDED INITFAILURE
        DEPLETED POSTPROCESSINGFAILED VALIDATIONFAILED DEPFAIL DIED DEAD EXCEPTION UNSUCCESSFUL BROKEN
    """,
}
_STATES: Final[Mapping[str, JobState]] = {word: state for state, words in _WORDS.items() for word in words.split()}

#: The job is to be cancelled, and has not ended.
_CANCELLING_WORDS: Final = """
    CANCELLING CANCELING CANCELLATIONREQUESTED CANCELATIONREQUESTED CANCELREQUESTED CANCELPENDING PENDINGCANCEL
    PENDINGCANCELLATION TOBECANCELLED TOBECANCELED STOPPING STOPREQUESTED ABORTING TERMINATING KILLING REVOKING
    CANCELSTARTED CANCELINPROGRESS CANCELLATIONINPROGRESS CANCELATIONINPROGRESS CANCELLATIONPENDING BEINGCANCELLED
    BEINGCANCELED CANCELLATIONSTARTED PENDINGSTOP PENDINGTERMINATION PENDINGABORT ABORTREQUESTED KILLREQUESTED
    TERMINATEREQUESTED TERMINATIONREQUESTED
"""
_CANCELLING: Final = frozenset(_CANCELLING_WORDS.split())
#: The provider has deleted the job, or does not know it (any more).
_DELETED: Final = frozenset(
    ("DELETED", "PURGED", "NOTFOUND", "JOBNOTFOUND", "TASKNOTFOUND", "DOESNOTEXIST", "NOSUCHJOB", "GONE")
)
#: What some put before each of their words: ``JOB_STATE_RUNNING``.
_PREFIXES: Final = re.compile(r"(JOB|TASK|RUN|EXECUTION|PIPELINE)?(STATE|STATUS)|JOB|TASK|IS|HASBEEN|HAS")
#: Prefixes of words that name, in addition, what the job waits for or what cancelled it.
_BEGINNINGS: Final = (
    ("WAITINGFOR", JobState.QUEUED),
    ("PENDING", JobState.QUEUED),
    ("CANCELLEDBY", JobState.CANCELLED),
    ("CANCELEDBY", JobState.CANCELLED),
)
#: Where a status object keeps its word.
_PLACES: Final = ("name", "value", "type", "status", "state", "code")
#: What follows a word: a remark in parentheses or after a colon, an ellipsis, or the sign of Slurm for a cut word.
_REMARK: Final = re.compile(r"\s*[(\[:,].*|[\s.!…+]+$", re.DOTALL)
_SEPARATORS: Final = re.compile(r"[\s_-]+")


def state_of(status: Any) -> JobState | None:
    """The state that a status names; ``None`` for a word that is not known, and for one that ``is_cancelling``.

    Args:
        status: a text in any case, with spaces, dashes or underscores, with or without the name of an enum before it
            (``"JobStatus.DONE"``); a member of an enum; or an object or mapping with a word as ``status`` or the like.
    """
    return next((state for word in _words_of(status) if (state := _state_of_word(word)) is not None), None)


def is_cancelling(status: Any) -> bool:
    """Whether a status, given as for ``state_of``, says that the job is being cancelled and has not ended."""
    return next((word in _CANCELLING for word in _words_of(status) if _is_known(word)), False)


def is_deleted(status: Any) -> bool:
    """Whether a status, given as for ``state_of``, says that the provider has deleted the job."""
    return any(word in _DELETED for word in _words_of(status))


def _is_known(word: str) -> bool:
    return word in _CANCELLING or _state_of_word(word) is not None


def _state_of_word(word: str) -> JobState | None:
    if (state := _STATES.get(word)) is not None or word in _CANCELLING:
        return state
    return next((state for beginning, state in _BEGINNINGS if word.startswith(beginning)), None)


def _words_of(status: Any, depth: int = 2) -> Iterator[str]:
    """The texts that may be the word of ``status``, folded; the likeliest first."""
    if isinstance(status, Enum):
        yield _fold(status.name)
        status = status.value
    if isinstance(status, str):
        yield _fold(status)
    elif isinstance(status, bytes):
        yield _fold(status.decode("utf-8", "replace"))
    elif depth and status is not None and not isinstance(status, int | float):
        for place in _PLACES:
            held = status.get(place) if isinstance(status, Mapping) else getattr(status, place, None)
            yield from _words_of(held, depth - 1)


def _fold(text: str) -> str:
    word = _REMARK.sub("", str.__str__(text).strip()[:100]).rpartition(".")[2]
    word = _SEPARATORS.sub("", word).upper()
    return word if word in _KNOWN else _without_prefix(word)


def _without_prefix(word: str) -> str:
    """``word`` without what its provider puts before all of its words, if a known word is left then."""
    prefix = _PREFIXES.match(word)
    rest = word[prefix.end() :] if prefix else word
    return rest if rest in _KNOWN else word


_KNOWN: Final = _STATES.keys() | _CANCELLING | _DELETED
