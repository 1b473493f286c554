"""Qiskit's primitives with cards: watched as they are, or their PUBs spread over processes or a cluster."""

from primwidgets.primitives.parallel import ParallelEstimator, ParallelSampler
from primwidgets.primitives.watched import watch

__all__ = ["ParallelEstimator", "ParallelSampler", "watch"]
