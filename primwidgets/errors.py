"""The exception family: everything primwidgets itself raises.

A provider's own exceptions are never wrapped: ``result()`` raises what the provider raised.
"""

from concurrent.futures import CancelledError


class PrimwidgetsError(Exception):
    """Base of all errors that primwidgets raises itself."""


class NotAJobError(PrimwidgetsError, TypeError):
    """An object was given that no adapter can read as a job."""


class AdapterRegistrationError(PrimwidgetsError, ValueError):
    """An adapter was registered twice for a class, or is no adapter."""


class JobTimeoutError(PrimwidgetsError, TimeoutError):
    """``result(timeout=…)`` ran out, for a provider whose own ``result()`` has no time-out.

    The job goes on; only the waiting ended.
    """


class JobCancelled(PrimwidgetsError, CancelledError):
    """Raised in a function by ``track`` and ``report`` once its job was cancelled; then by the job's ``result()``."""


class EngineError(PrimwidgetsError):
    """An engine cannot run what it was given; the message names the way out."""


class StoppedWaiting(PrimwidgetsError):
    """Somebody pressed *Stop waiting*: the blocked ``result()`` ended, the job goes on."""
