"""The recipes for platforms on which a job is an id, run with their own clients against a server on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import kubernetes
import pytest
from databricks.sdk import WorkspaceClient
from huggingface_hub import HfApi
from mlflow import MlflowClient
from openai import OpenAI

from primwidgets import JobFailed, JobState, WidgetJob, job_from
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from tests.providers.http_stub import Stub, http_stub
from tests.providers.recipes import run_recipe
from tests.providers.work import PATIENCE

BLANK = JobSnapshot(uid="u")
Job = WidgetJob[Any, Any]


@pytest.fixture
def stub() -> Iterator[Stub]:
    with http_stub() as stub:
        yield stub


class Cloud:
    """A provider's server that has one job, in a state that a test sets."""

    def __init__(self, stub: Stub, word: str, record: Callable[[str], Any], **others: Any) -> None:
        self.word = word
        self.cancelled = False
        self._record = record
        self._others = others
        self._stub = stub
        stub.answer = self._answer

    def _answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        asked = f"{path} {headers.get('X-Amz-Target', '')}"
        for part, answer in self._others.items():
            if part in asked.replace("/", "_").replace("-", "_"):
                return 200, answer
        if any(word in asked.lower() for word in ("cancel", "stop", "terminate")) or method == "DELETE":
            self.cancelled = True
            return 200, self._record(self.word)
        return 200, self._record(self.word)


Recipe = Callable[[], dict[str, Any]]


def check_states(recipe: Recipe, cloud: Cloud, stub: Stub, words: dict[str, JobState]) -> None:
    """Assert what each word of the provider reads as, and that a read is one request."""
    read = recipe()["read"]
    for word, state in words.items():
        cloud.word = word
        assert adapter_for(job_from(id=1, read=read)).read(BLANK).state is state, word
    cloud.word = next(iter(words))
    stub.requests.clear()
    read()
    assert len(stub.requests) == 1


@pytest.fixture
def aws(stub: Stub) -> Callable[[str], Any]:
    return lambda service: boto3.client(
        service,
        region_name="eu-west-1",
        endpoint_url=stub.url,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def ends(job: Job, state: JobState) -> None:
    assert job.wait(PATIENCE)
    assert job.snapshot.state is state


def test_databricks(stub: Stub) -> None:
    def record(word: str) -> Any:
        ended = word in ("SUCCESS", "FAILED", "CANCELED")
        state = {"life_cycle_state": "TERMINATED", "result_state": word} if ended else {"life_cycle_state": word}
        told = {"run_id": 11, "run_page_url": "https://x/11", "state": {**state, "state_message": "no such qubit"}}
        return {**told, "notebook_output": {"result": "42"}}

    cloud = Cloud(stub, "PENDING", record)
    client = WorkspaceClient(host=stub.url, token="x")
    recipe = partial(run_recipe, "Databricks", client=client)
    words = {
        "PENDING": JobState.QUEUED,
        "RUNNING": JobState.RUNNING,
        "SUCCESS": JobState.DONE,
        "FAILED": JobState.ERROR,
        "CANCELED": JobState.CANCELLED,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "RUNNING"
    job = recipe()["job"]
    assert job.job_id() == "11"
    job.cancel()
    assert cloud.cancelled
    cloud.word = "SUCCESS"
    assert job.result().notebook_output.result == "42"
    assert adapter_for(job_from(id=1, read=recipe()["read"])).read(BLANK).metadata["page"] == "https://x/11"


def test_aws_batch(stub: Stub, aws: Callable[[str], Any]) -> None:
    def record(word: str) -> Any:
        return {"jobs": [{"jobId": "b-1", "status": word, "statusReason": "no such qubit", "createdAt": 1764072000000}]}

    cloud = Cloud(stub, "SUBMITTED", record, submitjob={"jobId": "b-1", "jobName": "scan"})
    recipe = partial(run_recipe, "AWS Batch", batch=aws("batch"))
    words = {
        "SUBMITTED": JobState.INITIALIZING,
        "PENDING": JobState.QUEUED,
        "RUNNABLE": JobState.QUEUED,
        "STARTING": JobState.INITIALIZING,
        "RUNNING": JobState.RUNNING,
        "SUCCEEDED": JobState.DONE,
        "FAILED": JobState.ERROR,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "RUNNING"
    job = recipe()["job"]
    job.cancel()
    assert cloud.cancelled
    cloud.word = "FAILED"
    ends(job, JobState.ERROR)
    with pytest.raises(JobFailed, match="no such qubit"):
        job.result()


def test_sagemaker(stub: Stub, aws: Callable[[str], Any]) -> None:
    def record(word: str) -> Any:
        told = {"TrainingJobName": "scan", "TrainingJobStatus": word, "SecondaryStatus": "Training"}
        return {**told, "ModelArtifacts": {"S3ModelArtifacts": "s3://x"}}

    cloud = Cloud(stub, "InProgress", record)
    recipe = partial(run_recipe, "SageMaker", sagemaker=aws("sagemaker"))
    words = {
        "InProgress": JobState.RUNNING,
        "Completed": JobState.DONE,
        "Failed": JobState.ERROR,
        "Stopped": JobState.CANCELLED,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "Completed"
    job = recipe()["job"]
    assert job.result() == {"S3ModelArtifacts": "s3://x"}


def test_athena(stub: Stub, aws: Callable[[str], Any]) -> None:
    def record(word: str) -> Any:
        status = {"State": word, "StateChangeReason": "no such table", "SubmissionDateTime": 1764072000.0}
        told = {"QueryExecution": {"QueryExecutionId": "q-1", "Status": status}}
        return {**told, "QueryExecutionId": "q-1", "ResultSet": {"Rows": []}}

    cloud = Cloud(stub, "QUEUED", record)
    recipe = partial(run_recipe, "Athena", athena=aws("athena"))
    words = {
        "QUEUED": JobState.QUEUED,
        "RUNNING": JobState.RUNNING,
        "SUCCEEDED": JobState.DONE,
        "FAILED": JobState.ERROR,
        "CANCELLED": JobState.CANCELLED,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "RUNNING"
    job = recipe()["job"]
    job.cancel()
    assert cloud.cancelled
    cloud.word = "CANCELLED"
    ends(job, JobState.CANCELLED)


def test_kubernetes(stub: Stub) -> None:
    def record(word: str) -> Any:
        ended = [{"type": word, "status": "True", "message": "no such qubit"}] if word in ("Complete", "Failed") else []
        status = {"active": 1 if word == "Running" else 0, "conditions": ended, "startTime": "2026-11-25T12:00:00Z"}
        return {"kind": "Job", "metadata": {"name": "scan"}, "status": status}

    cloud = Cloud(stub, "Pending", record)
    configuration = kubernetes.client.Configuration(host=stub.url)
    api = kubernetes.client.BatchV1Api(kubernetes.client.ApiClient(configuration))
    recipe = partial(run_recipe, "Kubernetes", api=api)
    words = {
        "Pending": JobState.QUEUED,
        "Running": JobState.RUNNING,
        "Complete": JobState.DONE,
        "Failed": JobState.ERROR,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "Running"
    job = recipe()["job"]
    job.cancel()
    assert cloud.cancelled
    cloud.word = "Failed"
    ends(job, JobState.ERROR)
    assert job.snapshot.error is not None
    assert job.snapshot.error.message == "no such qubit"


def test_openai_batches(stub: Stub) -> None:
    def record(word: str) -> Any:
        told = {"id": "batch_1", "object": "batch", "endpoint": "/v1/chat", "status": word, "created_at": 1764072000}
        counts = {"completed": 1, "failed": 0, "total": 2}
        files = {"input_file_id": "f", "completion_window": "24h", "output_file_id": "f-2"}
        return {**told, **files, "request_counts": counts}

    cloud = Cloud(stub, "validating", record, content="all the answers")
    client = OpenAI(base_url=f"{stub.url}/v1", api_key="x", max_retries=0)
    recipe = partial(run_recipe, "OpenAI batches", client=client)
    words = {
        "validating": JobState.INITIALIZING,
        "in_progress": JobState.RUNNING,
        "finalizing": JobState.RUNNING,
        "completed": JobState.DONE,
        "failed": JobState.ERROR,
        "expired": JobState.ERROR,
        "cancelled": JobState.CANCELLED,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "in_progress"
    job = recipe()["job"]
    job.cancel()
    assert cloud.cancelled
    cloud.word = "completed"
    assert job.result() == "all the answers"
    assert adapter_for(job_from(id=1, read=recipe()["read"])).read(BLANK).progress_text == "1 of 2"


def test_hugging_face(stub: Stub) -> None:
    def record(word: str) -> Any:
        status = {"stage": word, "message": "no such image"}
        owner = {"id": "1", "name": "me", "type": "user"}
        told = {"id": "job-1", "createdAt": "2026-11-25T12:00:00.000Z", "status": status, "owner": owner}
        return {**told, "dockerImage": "x", "command": [], "arguments": [], "environment": {}, "flavor": "cpu-basic"}

    cloud = Cloud(stub, "RUNNING", record)
    recipe = partial(run_recipe, "Hugging Face Jobs", api=HfApi(endpoint=stub.url, token="hf_x"))
    words = {
        "RUNNING": JobState.RUNNING,
        "COMPLETED": JobState.DONE,
        "ERROR": JobState.ERROR,
        "CANCELED": JobState.CANCELLED,
    }
    check_states(recipe, cloud, stub, words)
    cloud.word = "RUNNING"
    job = recipe()["job"]
    job.cancel()
    assert cloud.cancelled
    cloud.word = "CANCELED"
    ends(job, JobState.CANCELLED)


def test_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    client = MlflowClient(tracking_uri=f"file://{tmp_path}")
    run_id = client.create_run(client.create_experiment("scan")).info.run_id
    job = run_recipe("MLflow", client=client, run_id=run_id)["job"]
    client.log_metric(run_id, "loss", 0.5)
    client.set_terminated(run_id, "FINISHED")
    assert job.result() == {"loss": 0.5}
    words = {"RUNNING": JobState.RUNNING, "FAILED": JobState.ERROR, "KILLED": JobState.CANCELLED}
    for word, state in words.items():
        run_id = client.create_run(client.create_experiment(word)).info.run_id
        client.update_run(run_id, status=word)
        read = run_recipe("MLflow", client=client, run_id=run_id)["read"]
        assert adapter_for(job_from(id=1, read=read)).read(BLANK).state is state
