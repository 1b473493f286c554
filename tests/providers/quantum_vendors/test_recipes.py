"""The recipes for quantum packages whose job is an id, or a call."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pennylane
import pytest
from pytket import Circuit
from pytket.extensions.qiskit import AerBackend
from strangeworks.core.client.jobs import Job as StrangeworksJob

from primwidgets import JobState, job_from
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from tests.providers.recipes import run_recipe
from tests.providers.work import PATIENCE

BLANK = JobSnapshot(uid="u")


def test_a_handle_of_pytket_and_its_backend_are_a_job() -> None:
    backend = AerBackend()
    circuit = backend.get_compiled_circuit(Circuit(2).H(0).CX(0, 1).measure_all())
    names = run_recipe("pytket", backend=backend, circuit=circuit)
    result = names["job"].result(timeout=PATIENCE)
    assert sum(result.get_counts().values()) == 100
    assert names["job"].job_id() == str(names["handle"])
    assert adapter_for(job_from(id=1, read=names["read"])).read(BLANK).state is JobState.DONE


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("CREATED", JobState.INITIALIZING),
        ("QUEUED", JobState.QUEUED),
        ("RUNNING", JobState.RUNNING),
        ("COMPLETED", JobState.DONE),
        ("FAILED", JobState.ERROR),
        ("CANCELLED", JobState.CANCELLED),
    ],
)
def test_a_record_of_strangeworks_is_read_anew(word: str, state: JobState) -> None:
    record = StrangeworksJob(slug="scan", status=word, job_data={"a": 1})
    names = run_recipe("Strangeworks", strangeworks=SimpleNamespace(jobs=lambda slug: [record]), slug="scan")
    assert adapter_for(job_from(id=1, read=names["read"])).read(BLANK).state is state


def test_calls_of_pennylane_are_counted() -> None:
    device = pennylane.device("default.qubit")

    @pennylane.qnode(device)  # type: ignore[untyped-decorator,unused-ignore]
    def circuit(angle: float) -> Any:
        pennylane.RX(angle, 0)
        return pennylane.expval(pennylane.Z(0))

    job = run_recipe("PennyLane", circuit=circuit)["job"]
    assert job.result(timeout=PATIENCE)[0] == pytest.approx(1.0)
    assert job.wait(PATIENCE)
    assert job.snapshot.progress == 1.0
