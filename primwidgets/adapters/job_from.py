"""Jobs that are two objects, such as a client and an id: what to ask for, as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomJob:
    """What ``job_from`` makes: how a job is read, fetched and cancelled.

    Attributes:
        id: the provider's id of the job.
        read: asks the provider once; see ``job_from``.
        result: fetches the result of a job that has ended.
        cancel: asks the provider to cancel.
        provider: the name on the card.
        remote: whether it runs on a remote machine.
        states: what the provider's words mean that are not known.
        locator: how to find it again.
    """

    id: str
    read: Callable[[], Any]
    result: Callable[..., Any] | None
    cancel: Callable[..., Any] | None
    provider: str
    remote: bool
    states: Mapping[str, JobState]
    locator: Mapping[str, str] | None


def job_from(
    *,
    id: object,
    read: Callable[[], Any],
    result: Callable[..., Any] | None = None,
    cancel: Callable[..., Any] | None = None,
    provider: str = "custom",
    remote: bool = True,
    states: Mapping[str, JobState] | None = None,
    locator: Mapping[str, str] | None = None,
) -> CustomJob:
    """A job for ``WidgetJob`` of what a provider's client can be asked: no adapter class is needed.

    ::

        run = client.jobs.run_now(job_id=7)
        WidgetJob(job_from(
            id=run.run_id,
            provider="Databricks",
            read=lambda: client.jobs.get_run(run.run_id).state.life_cycle_state,
            result=lambda: client.jobs.get_run_output(run.run_id),
            cancel=lambda: client.jobs.cancel_run(run.run_id),
        ))

    ``result()`` of the wrapped job reads until the job has ended. Then it raises ``JobFailed`` if the job failed,
    ``concurrent.futures.CancelledError`` if it was cancelled, and else returns what ``result`` returns.

    Args:
        id: the provider's id of the job.
        read: asks the provider, with one request, on worker threads. It returns the provider's word for the state (a
            text, an enum, or something with a ``status`` or ``state``), a ``StatusReport``, or a mapping with the
            fields of one, such as ``{"status": "RUNNING", "progress": 0.5, "message": "epoch 3"}``.
        result: gets the result of a job that is DONE; ``None`` if it has none.
        cancel: asks the provider to cancel; ``None`` if that is impossible. What it returns is what ``cancel()`` of the
            wrapped job returns; ``False`` means that the provider refused.
        provider: the name on the card.
        remote: whether the job runs on a remote machine, so that Cancel asks for confirmation and requests are
            rationed.
        states: what words mean that the provider uses in a way of its own: ``{"HALTED": JobState.ERROR}``.
        locator: how to find the job again, as ``Adapter.locate`` says; no secrets.
    """
    return CustomJob(
        id=str(id),
        read=read,
        result=result,
        cancel=cancel,
        provider=provider,
        remote=remote,
        states=dict(states or {}),
        locator=locator,
    )


class CustomJobAdapter(ReportedAdapter[CustomJob]):
    """Reads what ``job_from`` made."""

    provider = "custom"
    raises: ClassVar[bool] = True
    fetch_waits: ClassVar[bool] = False

    def __init__(self, job: CustomJob) -> None:
        super().__init__(job)
        self.provider = job.provider
        self.remote = job.remote
        self.states = job.states  # type: ignore[misc]  # as this job has it
        self.budget_key = type(self), job.provider
        if job.cancel is None:
            self.cancels = "none"  # type: ignore[misc]
        if job.result is None:
            self.fetch = None  # type: ignore[misc]

    @override
    def job_id(self) -> str:
        return self.job.id

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        told = self.job.read()
        if isinstance(told, StatusReport):
            return told
        if isinstance(told, Mapping) and "status" in told and told.keys() <= _FIELDS:
            return StatusReport(**told)
        return StatusReport(told)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        if self.job.cancel is None:
            return super().cancel()
        return report_cancel(self.job.cancel, *args, **kwargs)

    @override
    def locate(self) -> Mapping[str, str] | None:
        return self.job.locator


_FIELDS: Final = frozenset(f.name for f in fields(StatusReport))
