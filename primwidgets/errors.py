"""The exception family: everything primwidgets itself raises.

A provider's own exceptions are never wrapped: ``result()`` raises what the provider raised.
"""

from concurrent.futures import CancelledError


class PrimwidgetsError(Exception):
    """Base of all errors that primwidgets raises itself."""


class NotAJobError(PrimwidgetsError, TypeError):
    """An object was given that no adapter can read as a job."""


class AdapterRegistrationError(PrimwidgetsError, ValueError):
    """An adapter was registered twice for a class, or the object is not an adapter."""


class JobTimeoutError(PrimwidgetsError, TimeoutError):
    """``result(timeout=…)`` ran out, for a provider whose own ``result()`` has no time-out.

    The job goes on; only the waiting ended.
    """


class JobCancelled(PrimwidgetsError, CancelledError):
    """Raised in a function by ``track`` and ``report`` once its job was cancelled; then by the job's ``result()``."""


class JobFailed(PrimwidgetsError):
    """Raised by ``result()`` of a job that failed, for a provider that has no exception of its own for that.

    Attributes:
        type: the provider's name for the error.
        remote_traceback: where it happened, as the provider tells it.
    """

    def __init__(self, message: str, type: str = "JobError", remote_traceback: str | None = None) -> None:
        super().__init__(message)
        self.type = type
        self.remote_traceback = remote_traceback


class LedgerError(PrimwidgetsError):
    """The ledger cannot be read or written: no space, no right to, or a newer version wrote it."""


class EngineError(PrimwidgetsError):
    """An engine cannot run a function; the message says what to do instead."""


class WorkerDied(PrimwidgetsError):
    """The process that ran a function ended before the function did.

    Attributes:
        exit_code: as the system gives it; negative for the number of the signal that killed the process.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class CallTimedOut(PrimwidgetsError):
    """A call ran longer than the ``timeout`` of its ``submit.options`` and was stopped; raised by ``result()``.

    No ``TimeoutError``: that one says that ``result(timeout=…)`` ran out and the job goes on.
    """


class StoppedWaiting(PrimwidgetsError):
    """The user pressed *Stop waiting*: the blocked ``result()`` ended, the job continues."""
