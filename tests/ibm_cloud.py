"""IBM's cloud on this machine: a server that answers the SDK's own clients, with jobs that go on as a test says.

It serves what the SDK asks for between the sign-in and the result of a job. What an answer holds is what IBM documents,
as far as the SDK or primwidgets look at it.
"""

from __future__ import annotations

import json
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from tests.json_server import JsonHandler, json_server

INSTANCE: Final = f"crn:v1:bluemix:public:quantum-computing:us-east:a/{'0' * 32}:{'1' * 8}-2222-3333-4444-{'5' * 12}::"
BACKEND: Final = "ibm_manila"
#: Looks like nothing else, so that a test can look for it where it must not be.
TOKEN: Final = "secret-token-of-the-tests"
CREATED: Final = "2026-11-20T08:00:00.123456Z"
RUNNING: Final = "2026-11-20T08:10:00Z"
FINISHED: Final = "2026-11-20T08:10:30.5Z"

#: The SDK asks no other machine for what is below such an address.
_API: Final = "/experimental"
_Answer = tuple[int, Any]


@dataclass
class CloudJob:
    """A job as the service knows it.

    Attributes:
        status: the service's word for its state.
        details: further entries of its state, such as the reason.
        record: further entries of its record, such as tags.
        result: what is downloaded as its result.
        obeys: whether a cancel is carried out at once; if not, it is accepted and nothing happens.
    """

    status: str = "Queued"
    details: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    result: str = ""
    obeys: bool = True

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in ("Completed", "Failed", "Cancelled")


class IbmCloud:
    """The server, with what a test may look at and change.

    Attributes:
        root: the address of the server.
        jobs: the jobs by their ids.
        requests: what was asked of the service about jobs: method and path below it, in the order it came.
        down: what is answered with an error: requests about jobs whose path ends so; all of them with ``""``.
        faults: what the next requests about jobs meet, one each: a status, or 0 for a connection that is closed.
    """

    root: str

    def __init__(self) -> None:
        self.jobs: dict[str, CloudJob] = {}
        self.requests: list[str] = []
        self.down: str | None = None
        self.faults: list[int] = []

    @property
    def url(self) -> str:
        """The address of the service, for ``QiskitRuntimeService``."""
        return self.root + _API

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables that lead the SDK's sign-in and search for instances here, too."""
        return dict.fromkeys(("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"), self.root)

    def answer(self, method: str, path: str, body: bytes) -> _Answer:
        """The status and the JSON, or the text, for a request."""
        if not path.startswith(_API):
            return _answer_about_accounts(method, path)
        path = path.removeprefix(_API)
        if path.startswith("/jobs"):
            self.requests.append(f"{method} {path}")
            if self.down is not None and path.endswith(self.down):
                return 400, _error("It is down.")
            return self._answer_about_jobs(method, path, body)
        return _answer_about_backends(path)

    def _answer_about_jobs(self, method: str, path: str, body: bytes) -> _Answer:
        if (method, path) == ("POST", "/jobs"):
            job_id = f"cloud-{len(self.jobs) + 1}"
            self.jobs[job_id] = CloudJob()
            return 200, {"id": job_id, "backend": json.loads(body)["backend"]}
        if (method, path) == ("GET", "/jobs"):
            pending = [_record(job_id, job) for job_id, job in self.jobs.items() if not job.is_final]
            return 200, {"jobs": pending[::-1][:200], "count": len(pending)}
        _, _, job_id, *rest = path.split("/")
        job = self.jobs.get(job_id)
        if job is None:
            return 404, _error("Job not found")
        match rest:
            case []:
                return 200, _record(job_id, job)
            case ["metrics"]:
                return 200, _metrics(job)
            case ["results"]:
                return 200, job.result
            case ["cancel"] if job.is_final:
                return 409, _error("Job is in a terminal state")
            case ["cancel"]:
                job.status = "Cancelled" if job.obeys else job.status
                return 204, ""
        return 404, _error("No such thing")


@contextmanager
def ibm_cloud() -> Iterator[IbmCloud]:
    """The server, until the end of the ``with``."""
    cloud = IbmCloud()

    class Handler(_Handler):
        service = cloud

    with json_server(Handler) as cloud.root:
        yield cloud


class _Handler(JsonHandler):
    service: IbmCloud

    @override
    def reply(self, body: bytes) -> _Answer | None:
        if self.service.faults and "/jobs" in self.path:
            self._fail(self.service.faults.pop(0))
            return None
        return self.service.answer(self.command, unquote(urlsplit(self.path).path), body)

    def _fail(self, status: int) -> None:
        self.close_connection = True
        if status == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()


def _record(job_id: str, job: CloudJob) -> Mapping[str, Any]:
    return {
        "id": job_id,
        "backend": BACKEND,
        "state": {"status": job.status, **job.details},
        "status": job.status,
        "program": {"id": "sampler"},
        "created": CREATED,
        "tags": [],
        **job.record,
    }


def _metrics(job: CloudJob) -> Mapping[str, Any]:
    times = {"created": CREATED, "running": RUNNING, "finished": FINISHED if job.is_final else None}
    return {"timestamps": times, "usage": {"status": "pending", "qpu_charge_time_seconds": None}}


def _error(message: str) -> Mapping[str, Any]:
    return {"errors": [{"code": 1, "message": message}]}


def _access_token(now: int) -> str:
    parts = ({"alg": "none"}, {"iat": now, "exp": now + 3600})
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"


@cache
def _configuration() -> Mapping[str, Any]:
    file = files("qiskit_ibm_runtime").joinpath("fake_provider/backends/manila/conf_manila.json")
    configuration: dict[str, Any] = json.loads(file.read_text())
    return {**configuration, "backend_name": BACKEND}


def _answer_about_accounts(method: str, path: str) -> _Answer:
    now = int(time.time())
    match method, path:
        case "POST", "/identity/token":
            return 200, {"access_token": _access_token(now), "expires_in": 3600, "expiration": now + 3600}
        case "POST", "/v3/resources/search":
            plan = {"service_plan_unique_id": "the-plan", "doc": {"extensions": [{}]}}
            return 200, {"items": [{"crn": INSTANCE, "name": "tests", "tags": [], **plan}]}
        case "GET", "/the-plan":
            return 200, {"metadata": {"pricing": {"type": "free"}}}
    return 404, _error("No such thing")


def _answer_about_backends(path: str) -> _Answer:
    match path.split("/")[1:]:
        case ["backends"]:
            return 200, {"devices": [{"name": BACKEND, "status": {"name": "online"}, "queue_length": 0}]}
        case ["backends", _, "configuration"]:
            return 200, dict(_configuration())
        case ["backends", _, "status"]:
            return 200, {"state": True, "status": "active", "length_queue": 0}
        case ["backends", _, "properties"]:
            return 200, {}
        case ["instances", "usage"]:
            return 200, {"usage_limit_reached": False}
    return 404, _error("No such thing")
