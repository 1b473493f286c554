"""``GET /primwidgets/jobs`` and ``DELETE /primwidgets/jobs/<uid>``."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop
from tornado.web import authenticated
from typing_extensions import override

from primwidgets._server.queries import JobQuery, LedgerIsOff, delete_job, read_jobs
from primwidgets.errors import LedgerError

#: The name under which an authorizer of Jupyter's server is asked about these requests.
AUTH_RESOURCE: Final = "primwidgets"
#: Requests that may read or write the ledger at once, and those that may wait for that.
_THREADS: Final = 2
MOST_PENDING: Final = 32

_T = TypeVar("_T")


class Busy(Exception):
    """Too many requests wait for the ledger."""


class LedgerThreads:
    """Calls functions that read or write the ledger, on threads of its own: a slow disk delays no other request.

    To be used on the thread of the server's loop only.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="primwidgets-ledger")
        self._pending = 0

    async def call(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """What ``function`` returns or raises.

        Raises:
            Busy: too many calls are pending.
        """
        if self._pending >= MOST_PENDING:
            raise Busy("Too many requests are waiting for the ledger. Try again later.")
        self._pending += 1
        try:
            return await IOLoop.current().run_in_executor(self._pool, function, *arguments)
        finally:
            self._pending -= 1


class LedgerHandler(APIHandler):
    """Answers in JSON, errors included: ``{"message": …, "reason": …}``, as Jupyter's own API does."""

    auth_resource = AUTH_RESOURCE

    @override
    def initialize(self, threads: LedgerThreads) -> None:
        """Take over what all requests share."""
        self._threads = threads

    async def _call(self, function: Callable[..., _T], *arguments: Any) -> _T | None:
        """What ``function`` returns; ``None`` once a failure has been answered."""
        try:
            return await self._threads.call(function, *arguments)
        except LedgerIsOff as error:
            await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "ledger is off", error)
        except Busy as error:
            await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "busy", error)
        except (LedgerError, OSError) as error:
            await self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "ledger cannot be used", error)
        return None

    async def _refuse(self, status: HTTPStatus, reason: str, error: Exception | str) -> None:
        self.log.warning("%s %s: %s", self.request.method, self.request.path, error)
        self.set_status(status)
        await self.finish(json.dumps({"message": str(error), "reason": reason}))


class JobsHandler(LedgerHandler):
    """The jobs in the ledger, the latest first."""

    @override
    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer ``{"jobs": [...], "more": …}``; see ``JobQuery`` for the arguments."""
        names = self.request.query_arguments
        try:
            query = JobQuery.from_arguments({name: self.get_query_argument(name) for name in names})
        except ValueError as error:
            await self._refuse(HTTPStatus.BAD_REQUEST, "bad argument", error)
            return
        answer = await self._call(read_jobs, query)
        if answer is not None:
            await self.finish(json.dumps(answer, allow_nan=False))


class JobHandler(LedgerHandler):
    """One job in the ledger."""

    @override
    @authenticated
    @authorized
    async def delete(self, uid: str) -> None:
        """Forget the job: the ledger's entry goes, and nothing else; the job itself is not touched."""
        deleted = await self._call(delete_job, uid)
        if deleted:
            self.set_status(HTTPStatus.NO_CONTENT)
            await self.finish()
        elif deleted is not None:
            await self._refuse(HTTPStatus.NOT_FOUND, "no such job", "The ledger has no such job.")


def handlers(base_url: str) -> list[tuple[str, type[LedgerHandler], dict[str, Any]]]:
    """What Jupyter's server adds to its application."""
    shared = {"threads": LedgerThreads()}
    return [
        (url_path_join(base_url, "primwidgets", "jobs"), JobsHandler, shared),
        (url_path_join(base_url, "primwidgets", "jobs", "([^/]+)"), JobHandler, shared),
    ]
