"""For tests of adapters and of code that uses jobs: a manual clock, a scripted job, the contract of adapters."""

from primwidgets.testing.adapter_contract import AdapterContract, LiveAdapterContract
from primwidgets.testing.fake_job import FakeAdapter, FakeJob
from primwidgets.testing.manual_clock import ManualClock

__all__ = ["AdapterContract", "FakeAdapter", "FakeJob", "LiveAdapterContract", "ManualClock"]
