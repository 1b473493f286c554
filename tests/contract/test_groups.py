"""Groups of jobs keep the contract of adapters."""

from __future__ import annotations

from typing import Any, ClassVar

from primwidgets.groups.group import Group
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob, LiveAdapterContract
from tests.monitored import PATIENCE


class TestGroupsOfJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = tuple(JobState)

    def make_job(self, state: JobState) -> Group:
        jobs = [FakeJob(f"fake-{number}") for number in range(3)]
        first = JobState.DONE if state.is_final else state
        for job, there in zip(jobs, (first, first, state), strict=True):
            job.move_to(there)
        if state is JobState.ERROR:
            jobs[2].fail(ValueError("no such qubit"))
        self.jobs = jobs
        return Group(jobs)

    def finish(self, job: Group) -> None:
        for fake in [member.job for member in job]:
            fake.finish({"0": 1})
        assert len(list(job.as_completed(timeout=PATIENCE))) == 3


class TestOpenGroups(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING)

    def make_job(self, state: JobState) -> Any:
        group = Group()
        if state is not JobState.INITIALIZING:
            job = FakeJob()
            job.move_to(state)
            _ = group.add(job)
        return group

    def finish(self, job: Group) -> None:
        for member in job:
            member.job.finish({"0": 1})
        job.complete()
        assert len(list(job.as_completed(timeout=PATIENCE))) == len(job)

    def test_a_picture_of_the_result_is_small_plain_json(self) -> None:
        """An open group has no result yet."""
        group = self.make_job(JobState.RUNNING)
        self.finish(group)
        assert group.status() in ("running", "done")
