"""Jobs of ``qiskit-ibm-runtime``, which run on IBM's machines and go on without this kernel.

Each of the job's own questions (``status()``, ``done()``, …) is a request. ``cancel()`` notes CANCELLED on the job
without asking for the outcome, and a job that is noted as final asks no more. So what is read here is the job's
record, through the job's own client. The SDK has no public method for that; the one used is what ``status()`` calls,
in all its versions.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.describe import NO_REASON, describe, describe_metadata
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters._common.status_words import is_cancelling
from primwidgets.adapters.base import CancelReport, Pace
from primwidgets.adapters.polled import PolledAdapter, being_cancelled
from primwidgets.snapshot import WORD_LIMIT, JobError, JobSnapshot, JobState

_STATES: Final[Mapping[str, JobState]] = {
    "QUEUED": JobState.QUEUED,
    "RUNNING": JobState.RUNNING,
    "COMPLETED": JobState.DONE,
    "FAILED": JobState.ERROR,
    "CANCELLED": JobState.CANCELLED,
}
#: IBM calls a job cancelled that ran longer than it may; ``result()`` raises then, so it has failed.
_RAN_TOO_LONG: Final = 1305

#: The clocks of this machine and of the service differ by less than this, in seconds.
_CLOCK_SECONDS: Final = 300.0
_CHANNELS: Final = ("ibm_quantum_platform", "ibm_cloud")
#: The name of an instance; nothing else, which might be a secret put in the wrong place, goes into a notebook.
_CRN: Final = re.compile(r"crn:v\d+(:[\w./-]*){8}", re.ASCII)


class RuntimeJobAdapter(PolledAdapter[Any]):
    """A job of IBM's service. There is no push, and no place in the queue: the service stopped telling it."""

    provider = "IBM Quantum"
    rechecks: ClassVar[tuple[float, ...]] = ()  # what the service calls ended has ended
    #: The budget is for all jobs together. Jobs wait for minutes or days, and IBM asks clients to poll less: at this
    #: pace a job of ten minutes costs some 120 requests, and a change is met late by 5 % of the time in the state.
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=1.0, growth=1.07)
    #: What the service lists at most for one request.
    batch_limit: ClassVar[int] = 200

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._record: Mapping[str, Any] | None = None

    @property
    @override
    def batch_key(self) -> Hashable:  # type: ignore[override]  # the job knows it
        """The jobs of one client are listed together."""
        return id(getattr(self.job, "_api_client", self))

    @override
    @classmethod
    def read_many(
        cls, adapters: Sequence[Any], last: Sequence[JobSnapshot]
    ) -> Sequence[JobSnapshot | Exception | None]:
        """List what waits or runs among the jobs of that time; one that is not listed has ended, and is asked alone."""
        created = [known.created_at for known in last if known.created_at is not None]
        window = {}
        if len(created) == len(last):
            window["created_after"] = datetime.fromtimestamp(min(created) - _CLOCK_SECONDS)
            window["created_before"] = datetime.fromtimestamp(max(created) + _CLOCK_SECONDS)
        listed = adapters[0].job._api_client.jobs_get(limit=cls.batch_limit, pending=True, **window)
        records = {record["id"]: record for record in listed["jobs"]}
        return [one._read_record(records.get(one.job_id()), known) for one, known in zip(adapters, last, strict=True)]

    def _read_record(self, record: Mapping[str, Any] | None, last: JobSnapshot) -> JobSnapshot | Exception | None:
        if record is None:
            return None
        self._record = record
        try:
            return self.read(last)
        except Exception as error:  # noqa: BLE001  (it is judged as what a single read raises)
            return error
        finally:
            self._record = None

    @override
    def job_id(self) -> str:
        return str(self.job.job_id())

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Makes one request; when it meets the end of the job, once, one for its times."""
        record = self._record or self.job._api_client.job_get(job_id=self.job.job_id())
        word, reason, code = _told_state(record["state"])
        state = _STATES.get(word.upper(), last.state)
        if state is JobState.CANCELLED and code == str(_RAN_TOO_LONG):
            state = JobState.ERROR
        failed = state is JobState.ERROR
        read = last.evolve(
            state=state,
            status_text=describe(word),
            backend=describe(record["backend"]) if record.get("backend") else last.backend,
            created_at=_epoch(record.get("created")) or last.created_at,
            message=None if failed else reason,
            error=_error(reason, code) if failed else None,
            can_cancel=not state.is_final,
            # The result of a private job can be downloaded once: that is not for a picture.
            can_preview=state is JobState.DONE and not record.get("private"),
            metadata=self._metadata(record),
        )
        has_times = last.finished_at is not None and last.result_report is None
        if is_cancelling(word):
            return being_cancelled(read)
        return self._with_times(read) if state.is_final and not has_times else read

    @override
    def cancel_from_card(self) -> CancelReport:
        """Ask the service, and put the status back that the job had.

        A cell's ``result()`` would otherwise raise that the job was cancelled, while it may still end as DONE. It asks
        the service again now. Code that calls ``cancel()`` itself finds what the SDK notes, as without a card.
        """
        before = self.job._status
        report = self.cancel()
        if report.error is None:
            self.job._status = before
        return report

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        report = super().cancel(*args, **kwargs)
        detail = getattr(report.error, "message", None)  # without the quotes that str() puts around it
        return replace(report, detail=str(detail)) if detail else report

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result, lambda: self.job.inputs["pubs"])

    @override
    def locate(self) -> Mapping[str, str] | None:
        """The account is the one saved on the machine; the locator holds no credentials."""
        locator = {"provider": "qiskit_ibm_runtime", "job_id": self.job_id(), **self._service_arguments()}
        clipped = any(len(text) > WORD_LIMIT for text in locator.values())  # it would be another id
        return None if clipped else locator

    def _service_arguments(self) -> Mapping[str, str]:
        channel = getattr(getattr(self.job, "_service", None), "_channel", None)
        instance = getattr(getattr(self.job, "_api_client", None), "_instance", None)
        arguments = {}
        if channel in _CHANNELS:
            arguments["channel"] = str(channel)
        if isinstance(instance, str) and _CRN.fullmatch(instance):
            arguments["instance"] = instance
        return arguments

    def _metadata(self, record: Mapping[str, Any]) -> Mapping[str, str]:
        usage = record.get("usage") or {}
        told = {
            "program": (record.get("program") or {}).get("id"),
            "session": record.get("session_id"),
            "tags": ", ".join(map(str, record.get("tags") or ())),
            "estimated quantum seconds": record.get("estimated_running_time_seconds"),
            "quantum seconds": usage.get("qpu_charge_time_seconds", usage.get("quantum_seconds")),
        }
        return describe_metadata({name: value for name, value in told.items() if value not in (None, "")})

    def _with_times(self, read: JobSnapshot) -> JobSnapshot:
        """``read`` with the times that the record lacks; a job of yesterday that is found again ended yesterday."""
        with contextlib.suppress(Exception):  # the end is known; its time is an extra
            times = self.job._api_client.job_metadata(self.job.job_id()).get("timestamps") or {}
            started, finished = _epoch(times.get("running")), _epoch(times.get("finished"))
            return read.evolve(started_at=started or read.started_at, finished_at=finished)
        return read


def _told_state(state: Mapping[str, Any]) -> tuple[str, str | None, str | None]:
    """The service's word for the state, the reason for it, and the reason's number as text."""
    code = state.get("reason_code") or state.get("reasonCode")
    advice = " ".join(str(text) for text in (state.get("reason"), state.get("reason_solution")) if text)
    return str(state["status"]), advice or None, str(code) if code else None


def _error(reason: str | None, code: str | None) -> JobError:
    kind = f"Error {code}" if code else "RuntimeJobFailureError"
    return JobError(kind, reason or NO_REASON)


def _epoch(told: Any) -> float | None:
    """The seconds of a time as the service writes it, in UTC."""
    if not isinstance(told, str):
        return None
    try:
        time = datetime.fromisoformat(told)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
