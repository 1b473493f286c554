"""A provider for lessons and tests: jobs that queue, run, fail, refuse to be cancelled and lose their connection."""

from primwidgets.simulated.job import (
    SimulatedFailure,
    SimulatedJob,
    SimulatedOutage,
    SimulatedRefusal,
    SimulatedResult,
)
from primwidgets.simulated.provider import SimulatedProvider
from primwidgets.simulated.script import SLOW_CANCEL_SECONDS, Script, SimulatedStatus

__all__ = [
    "SLOW_CANCEL_SECONDS",
    "Script",
    "SimulatedFailure",
    "SimulatedJob",
    "SimulatedOutage",
    "SimulatedProvider",
    "SimulatedRefusal",
    "SimulatedResult",
    "SimulatedStatus",
]
