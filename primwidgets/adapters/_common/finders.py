"""One function for each provider whose jobs can be found again. Their docstrings tell users what to pass."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

Locator = Mapping[str, str]


def find_ibm_job(locator: Locator, **credentials: Any) -> Any:
    """Keywords go to ``QiskitRuntimeService``; without any, the account saved on the machine is used."""
    told = {name: locator[name] for name in ("channel", "instance") if name in locator}
    service = import_module("qiskit_ibm_runtime").QiskitRuntimeService(**{**told, **credentials})
    return service.job(locator["job_id"])


def find_ipyparallel_result(locator: Locator, **credentials: Any) -> Any:
    """Keywords go to ``ipyparallel.Client``; the hub gives a result once, and keeps it for others."""
    told = {name: locator[name] for name in ("profile", "cluster_id")}
    client = import_module("ipyparallel").Client(**{**told, **credentials})
    return client.get_result(locator["msg_id"], owner=False)


def find_submitit_job(locator: Locator) -> Any:
    """No keyword is needed: the folder of the job has everything."""
    return import_module("submitit").SlurmJob(locator["folder"], locator["job_id"])


def find_rq_job(locator: Locator, connection: Any) -> Any:
    """Pass ``connection=``, the Redis connection of its queue."""
    return import_module("rq.job").Job.fetch(locator["job_id"], connection=connection)


def find_celery_result(locator: Locator, app: Any) -> Any:
    """Pass ``app=``, the Celery application."""
    return app.AsyncResult(locator["job_id"])


def find_bigquery_job(locator: Locator, client: Any = None, **credentials: Any) -> Any:
    """Pass ``client=``, or keywords for ``bigquery.Client``."""
    client = client or import_module("google.cloud.bigquery").Client(project=locator["project"], **credentials)
    return client.get_job(locator["job_id"], project=locator["project"], location=locator.get("location"))


def find_braket_task(locator: Locator, aws_session: Any = None) -> Any:
    """Pass ``aws_session=`` unless the default one has the right to it."""
    aws = import_module("braket.aws")
    kind = aws.AwsQuantumJob if locator.get("kind") == "job" else aws.AwsQuantumTask
    return kind(locator["arn"], aws_session=aws_session)


def find_prefect_run(locator: Locator) -> Any:
    """No keyword is needed: Prefect's settings name the server."""
    futures = import_module("prefect.futures")
    kind = futures.PrefectFlowRunFuture if locator.get("kind") == "flow" else futures.PrefectDistributedFuture
    return kind(UUID(locator["run_id"]))


def find_dwave_problem(locator: Locator, client: Any = None, **credentials: Any) -> Any:
    """Pass ``client=``, or keywords for ``dwave.cloud.Client.from_config``."""
    client = client or import_module("dwave.cloud").Client.from_config(**credentials)
    return client.retrieve_answer(locator["problem_id"])


def find_pasqal_batch(locator: Locator, sdk: Any = None, **credentials: Any) -> Any:
    """Pass ``sdk=``, or keywords for ``pasqal_cloud.SDK``."""
    sdk = sdk or import_module("pasqal_cloud").SDK(**credentials)
    return sdk.get_batch(id=locator["batch_id"])


def find_nexus_job(locator: Locator) -> Any:
    """No keyword is needed: the login of ``qnexus`` on this machine is used."""
    return import_module("qnexus.client.jobs").get(id=UUID(locator["job_id"]))


def find_xanadu_job(locator: Locator, connection: Any = None) -> Any:
    """Pass ``connection=`` unless the saved one has the right to it."""
    xcc = import_module("xcc")
    return xcc.Job(locator["job_id"], connection=connection or xcc.Connection.load())


def find_engine_job(locator: Locator, engine: Any = None) -> Any:
    """Pass ``engine=`` unless the default credentials of Google Cloud have the right to it."""
    engine = engine or import_module("cirq_google").Engine(project_id=locator["project_id"])
    return engine.get_program(locator["program_id"]).get_job(locator["job_id"])


def find_background_job(locator: Locator) -> Any:
    """No keyword is needed: background jobs of this Python environment are in Jupyter's data directory."""
    return import_module("primwidgets.engines.background").find_background_job(locator["job_id"])


def find_process(locator: Locator) -> Any:
    """No keyword is needed: a process of this machine is found by its number and when it began."""
    return import_module("primwidgets.adapters.foreign_process").ForeignProcess.found(
        int(locator["pid"]), locator["began"]
    )
