"""Jobs of IBM's service keep the contract, read by the SDK's own clients from a server on this machine."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit_ibm_runtime import QiskitRuntimeService, RuntimeEncoder, RuntimeJobV2, SamplerV2
from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError

from primwidgets import CancelState, WidgetJob
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets.adapters import adapter_for
from primwidgets.adapters.qiskit_ibm_runtime import RuntimeJobAdapter
from primwidgets.snapshot import JobError, JobSnapshot, JobState
from primwidgets.testing import LiveAdapterContract
from tests.found_again import reattach_code
from tests.ibm_cloud import BACKEND, CREATED, FINISHED, INSTANCE, RUNNING, TOKEN, CloudJob, IbmCloud, ibm_cloud
from tests.monitored import PATIENCE

CHANNEL = "ibm_quantum_platform"
WORDS = {
    JobState.QUEUED: "Queued",
    JobState.RUNNING: "Running",
    JobState.DONE: "Completed",
    JobState.ERROR: "Failed",
    JobState.CANCELLED: "Cancelled",
}
COUNTS = {"00": 30, "11": 34}
RESULT = json.dumps(
    PrimitiveResult([SamplerPubResult(DataBin(meas=BitArray.from_counts(COUNTS, num_bits=2)))]), cls=RuntimeEncoder
)
#: What a job id would have to be to get out of the text it is put into.
HOSTILE = [
    "');print('out')#",
    '");print("out")#',
    "\\",
    "\\'",
    "a\nprint('out')",
    "\N{LINE SEPARATOR}x",
    "{x}",
    "\0",
    "é'",
]

BLANK = JobSnapshot(uid="u1")


@pytest.fixture(scope="module")
def cloud() -> Iterator[IbmCloud]:
    with ibm_cloud() as cloud, pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.variables.items():
            patch.setenv(name, value)
        yield cloud


@pytest.fixture(scope="module")
def service(cloud: IbmCloud) -> Any:
    return QiskitRuntimeService(channel=CHANNEL, token=TOKEN, url=cloud.url, instance=INSTANCE)


class Ibm:
    """Jobs of the service, each new to it."""

    def __init__(self, cloud: IbmCloud, service: Any) -> None:
        self.cloud = cloud
        self.service = service

    def job(self, status: str = "Running", job_id: str | None = None, **more: Any) -> Any:
        """The SDK's job for a new one of the service; what was asked for until now is forgotten."""
        job_id = job_id or f"job-{len(self.cloud.jobs) + 1}"
        self.cloud.jobs[job_id] = CloudJob(status, result=RESULT, **more)
        job = self.service.job(job_id)
        self.cloud.requests.clear()
        return job

    def of(self, job: Any) -> CloudJob:
        """What the service knows of the job."""
        return self.cloud.jobs[job.job_id()]

    def asked_by_reading(self, job: Any, last: JobSnapshot = BLANK) -> tuple[JobSnapshot, list[str]]:
        """What one read tells, and what it asked for, without the id."""
        self.cloud.requests.clear()
        read = adapter_for(job).read(last)
        return read, [request.replace(job.job_id(), "…") for request in self.cloud.requests]


@pytest.fixture
def ibm(cloud: IbmCloud, service: Any) -> Iterator[Ibm]:
    yield Ibm(cloud, service)
    cloud.down = None


class TestJobsOfIbm(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = tuple(WORDS)

    @pytest.fixture(autouse=True)
    def _connect(self, ibm: Ibm) -> None:
        self.ibm = ibm

    def make_job(self, state: JobState) -> Any:
        return self.ibm.job(WORDS[state])

    def finish(self, job: Any) -> None:
        self.ibm.of(job).status = "Completed"

    def test_a_live_job_costs_one_request_to_read(self, live_state: JobState) -> None:
        _, asked = self.ibm.asked_by_reading(self.make_job(live_state))
        assert asked == ["GET /jobs/…"]


@pytest.mark.parametrize("status", ["Completed", "Failed", "Cancelled"])
def test_the_end_costs_one_more_request_and_only_once(ibm: Ibm, status: str) -> None:
    job = ibm.job(status)
    read, asked = ibm.asked_by_reading(job)
    assert asked == ["GET /jobs/…", "GET /jobs/…/metrics"]
    again, asked = ibm.asked_by_reading(job, read)
    assert asked == ["GET /jobs/…"]
    assert again == read


def test_wrapping_a_job_asks_for_nothing(ibm: Ibm) -> None:
    job = ibm.job()
    adapter = adapter_for(job)
    assert isinstance(adapter, RuntimeJobAdapter)
    assert (adapter.job_id(), adapter.provider, adapter.remote) == (job.job_id(), "IBM Quantum", True)
    assert adapter.locate() is not None
    assert ibm.cloud.requests == []


def test_the_times_are_those_of_the_service(ibm: Ibm) -> None:
    read = adapter_for(ibm.job("Completed")).read(BLANK)
    told = (read.created_at, read.started_at, read.finished_at)
    assert told == tuple(datetime.fromisoformat(time).timestamp() for time in (CREATED, RUNNING, FINISHED))


def test_the_end_is_shown_also_without_its_times(ibm: Ibm) -> None:
    job = ibm.job("Completed")
    ibm.cloud.down = "/metrics"
    read = adapter_for(job).read(BLANK)
    assert (read.state, read.started_at, read.finished_at) == (JobState.DONE, None, None)


@pytest.mark.parametrize("created", [None, "", "yesterday", 5])
def test_a_time_that_is_none_is_left_out(ibm: Ibm, created: Any) -> None:
    assert adapter_for(ibm.job(record={"created": created})).read(BLANK).created_at is None


def test_what_the_service_notes_on_a_job_is_shown(ibm: Ibm) -> None:
    record = {
        "tags": ["bell", "lesson 3"],
        "session_id": "session-1",
        "estimated_running_time_seconds": 2.5,
        "usage": {"status": "final", "qpu_charge_time_seconds": 3},
    }
    read = adapter_for(ibm.job("Running", record=record)).read(BLANK)
    assert (read.backend, read.status_text) == (BACKEND, "Running")
    assert read.metadata == {
        "program": "sampler",
        "session": "session-1",
        "tags": "bell, lesson 3",
        "estimated quantum seconds": "2.5",
        "quantum seconds": "3",
    }


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({}, JobError("RuntimeJobFailureError", "The job failed; result() says why.")),
        ({"reason": "No such qubit."}, JobError("RuntimeJobFailureError", "No such qubit.")),
        (
            {"reason": "No such qubit.", "reason_code": 1517, "reason_solution": "Transpile first."},
            JobError("Error 1517", "No such qubit. Transpile first."),
        ),
    ],
    ids=["untold", "reason", "code"],
)
def test_the_reason_of_a_failure_is_shown(ibm: Ibm, details: dict[str, Any], error: JobError) -> None:
    assert adapter_for(ibm.job("Failed", details=details)).read(BLANK).error == error


def test_a_job_that_ran_too_long_has_failed_although_the_service_calls_it_cancelled(ibm: Ibm) -> None:
    job = ibm.job("Cancelled", details={"reason": "It ran too long.", "reason_code": 1305})
    read = adapter_for(job).read(BLANK)
    assert (read.state, read.error) == (JobState.ERROR, JobError("Error 1305", "It ran too long."))
    assert job.status() == "ERROR"


def test_why_a_job_was_cancelled_is_shown(ibm: Ibm) -> None:
    read = adapter_for(ibm.job("Cancelled", details={"reason": "By the administrator."})).read(BLANK)
    assert (read.state, read.message, read.error) == (JobState.CANCELLED, "By the administrator.", None)


def test_an_unknown_word_is_shown_and_keeps_the_state(ibm: Ibm) -> None:
    read = adapter_for(ibm.job("Defrosting")).read(BLANK.evolve(state=JobState.QUEUED))
    assert (read.state, read.status_text) == (JobState.QUEUED, "Defrosting")


def test_the_result_of_a_private_job_can_be_had_once_so_it_is_not_for_a_picture(ibm: Ibm) -> None:
    assert adapter_for(ibm.job("Completed")).read(BLANK).can_preview
    assert not adapter_for(ibm.job("Completed", record={"private": True})).read(BLANK).can_preview


def test_a_service_that_does_not_answer_is_no_failure_of_the_job(ibm: Ibm) -> None:
    job = ibm.job()
    ibm.cloud.down = ""
    with pytest.raises(Exception, match="It is down"):
        adapter_for(job).read(BLANK)


@pytest.mark.parametrize("fault", [429, 500, 503, 0], ids=["too many requests", "500", "503", "closed connection"])
def test_a_fault_that_passes_is_not_seen(ibm: Ibm, fault: int) -> None:
    job = ibm.job("Running")
    ibm.cloud.faults = [fault]
    assert adapter_for(job).read(BLANK).state is JobState.RUNNING
    assert ibm.cloud.faults == []


def test_a_cancel_that_meets_a_fault_changes_nothing(ibm: Ibm) -> None:
    job = ibm.job("Running")
    ibm.cloud.faults = [400]
    report = adapter_for(job).cancel()
    assert report.accepted is False
    assert adapter_for(job).read(BLANK).state is JobState.RUNNING


def test_a_cancel_is_believed_when_the_service_says_so(ibm: Ibm) -> None:
    job = ibm.job(obeys=False)
    adapter = adapter_for(job)
    report = adapter.cancel()
    assert (report.accepted, report.error) == (None, None)
    assert adapter.read(BLANK).state is JobState.RUNNING
    ibm.of(job).status = "Cancelled"
    assert adapter.read(BLANK).state is JobState.CANCELLED


def test_a_job_that_ends_as_done_after_a_cancel_from_the_card_gives_its_result(ibm: Ibm) -> None:
    job = ibm.job(obeys=False)
    adapter = adapter_for(job)
    adapter.cancel_from_card()
    ibm.of(job).status = "Completed"
    assert adapter.read(BLANK).state is JobState.DONE
    assert adapter.result()[0].data.meas.get_counts() == COUNTS


def test_a_refused_cancel_tells_the_reason_of_the_service(ibm: Ibm) -> None:
    report = adapter_for(ibm.job("Completed")).cancel()
    assert report.accepted is False
    assert report.detail is not None
    assert report.detail.startswith("Job cannot be cancelled: ")
    assert "Job is in a terminal state" in report.detail
    assert type(report.error).__name__ == "RuntimeInvalidStateError"


@pytest.mark.filterwarnings("ignore:The SamplerV2 class is deprecated")
def test_a_job_that_the_sdk_runs_is_followed_to_its_end(ibm: Ibm) -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    backend = ibm.service.backend(BACKEND)
    provided = SamplerV2(mode=backend).run([transpile(circuit, backend)], shots=64)
    job: Any = WidgetJob(provided)
    ibm.of(job).result = RESULT
    ibm.of(job).status = "Completed"
    assert job.wait(PATIENCE)
    assert (job.state, job.backend().name) == ("DONE", BACKEND)
    assert job.result()[0].data.meas.get_counts() == COUNTS
    job.close()


def test_a_cancel_from_the_card_ends_as_the_service_says(ibm: Ibm) -> None:
    provided = ibm.job(obeys=False)
    asked, cancel = threading.Event(), provided.cancel

    def cancel_and_tell() -> None:
        cancel()
        asked.set()

    provided.cancel = cancel_and_tell
    job: Any = WidgetJob(provided)
    job._handle_custom_msg(command_message(Verb.CANCEL, job.snapshot.uid), None)
    assert asked.wait(PATIENCE)
    ibm.of(job).status = "Completed"
    assert job.wait(PATIENCE)
    assert (job.state, job.cancel_state) == ("DONE", CancelState.TOO_LATE)
    assert job.result()[0].data.meas.get_counts() == COUNTS
    job.close()


def test_code_that_cancels_finds_the_status_that_it_finds_without_a_card(ibm: Ibm) -> None:
    bare, job = ibm.job(obeys=False), WidgetJob(ibm.job(obeys=False))
    for one in (bare, job):
        assert one.cancel() is None
        assert one.status() == "CANCELLED"
        with pytest.raises(RuntimeInvalidStateError, match="Job was cancelled"):
            one.result()
    ibm.of(job).status = "Completed"
    assert job.wait(PATIENCE)
    assert job.snapshot.state == "DONE"  # the card shows what the service says
    job.close()


# ── found again ──────────────────────────────────────────────────────────────────────────────────────────────────────


def code(job: Any) -> str:
    """The cell that finds the job again, as the frontend puts it together."""
    found = reattach_code(adapter_for(job).locate())
    assert found is not None
    return found


def runtime_job(job_id: str, service: Any, client: Any) -> Any:
    """A job of the SDK that the service was not asked about."""
    return RuntimeJobV2(backend=None, api_client=client, job_id=job_id, program_id="sampler", service=service)


def test_the_locator_names_channel_instance_and_id(ibm: Ibm) -> None:
    assert adapter_for(ibm.job(job_id="d0abc")).locate() == {
        "provider": "qiskit_ibm_runtime",
        "job_id": "d0abc",
        "channel": CHANNEL,
        "instance": INSTANCE,
    }


def test_nothing_secret_leaves_python(ibm: Ibm) -> None:
    job: Any = WidgetJob(ibm.job())
    assert TOKEN in ibm.service.active_account().values()
    assert TOKEN not in json.dumps(job._repr_mimebundle_())
    assert TOKEN not in json.dumps(job.snapshot.to_wire())
    job.close()


@pytest.mark.parametrize("job_id", HOSTILE, ids=ascii)
def test_an_id_stays_a_text_whatever_it_holds(ibm: Ibm, job_id: str) -> None:
    source = code(runtime_job(job_id, ibm.service, ibm.service._active_api_client))
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    service = f"QiskitRuntimeService(channel='{CHANNEL}', instance='{INSTANCE}')"
    assert [ast.unparse(call.func) for call in calls] == ["WidgetJob", f"{service}.job", "QiskitRuntimeService"]
    assert [ast.literal_eval(argument) for argument in calls[1].args] == [job_id]
    assert len(source.splitlines()) == 5


def test_an_id_that_does_not_fit_makes_no_locator(ibm: Ibm) -> None:
    assert adapter_for(runtime_job("x" * 301, ibm.service, None)).locate() is None


@pytest.mark.parametrize("text", [None, 5, TOKEN, f"{INSTANCE} {TOKEN}", f"{INSTANCE}\n", f"{INSTANCE}é"])
def test_what_is_neither_instance_nor_channel_is_not_in_the_locator(text: Any) -> None:
    job = runtime_job("d0abc", SimpleNamespace(_channel=text), SimpleNamespace(_instance=text))
    assert adapter_for(job).locate() == {"provider": "qiskit_ibm_runtime", "job_id": "d0abc"}
    assert "QiskitRuntimeService().job('d0abc')" in code(job)


def test_another_process_finds_the_job_with_the_account_saved_on_the_machine(ibm: Ibm, tmp_path: Path) -> None:
    account = tmp_path / ".qiskit" / "qiskit-ibm.json"
    QiskitRuntimeService.save_account(channel=CHANNEL, token=TOKEN, url=ibm.cloud.url, filename=str(account))
    job = ibm.job("Running", record={"tags": ["the same"]})
    script = f"{code(job)}\nprint(job.job_id(), job.status(), job.tags)"
    assert TOKEN not in script
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.stdout.strip(), done.returncode) == (f"{job.job_id()} RUNNING ['the same']", 0), done.stderr


def test_many_jobs_are_read_with_one_request(ibm: Ibm) -> None:
    jobs = [ibm.job(status) for status in ("Running", "Queued", "Completed")]
    adapters = [adapter_for(job) for job in jobs]
    ibm.cloud.requests.clear()
    running, queued, done = RuntimeJobAdapter.read_many(adapters, [BLANK] * 3)

    assert isinstance(running, JobSnapshot)
    assert isinstance(queued, JobSnapshot)
    assert (running.state, queued.state, done) == (JobState.RUNNING, JobState.QUEUED, None)
    assert ibm.cloud.requests == ["GET /jobs"]
    assert running == adapters[0].read(BLANK)
    assert len({adapter.batch_key for adapter in adapters}) == 1
