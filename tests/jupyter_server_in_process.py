"""A Jupyter server in this process, on a thread of its own, with the extension as its users have it."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.log import access_log, app_log, gen_log
from tornado.testing import bind_unused_port
from traitlets.config import Config
from typing_extensions import override

from tests.monitored import PATIENCE

TOKEN = "token-of-the-tests"
#: A path in front of all others, as on a JupyterHub.
BASE_URL = "/user/ada/"


class RecordingAuthorizer(Authorizer):
    """Notes what it is asked, and refuses what the test wants refused."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.asked: list[tuple[str, str]] = []
        self.refused: set[tuple[str, str]] = set()

    @override
    def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return (action, resource) not in self.refused


class SignalFreeServerApp(ServerApp):
    """Leaves the process's signals alone."""

    @override
    def init_signal(self) -> None:
        return


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    headers: Message
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Server:
    """A running server.

    Attributes:
        authorizer: whom it asks whether a user may do something.
    """

    def __init__(self, app: ServerApp, port: int) -> None:
        assert isinstance(app.authorizer, RecordingAuthorizer)
        self.authorizer = app.authorizer
        self._port = port

    def request(
        self, method: str, path: str, *, token: str | None = TOKEN, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a request; with a token, as scripts send it, or without."""
        sent = {**({} if token is None else {"Authorization": f"token {token}"}), **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request(method, BASE_URL + path, headers=sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def browser_cookies(self) -> dict[str, str]:
        """The cookies of a browser that is logged in."""
        answer = self.request("GET", f"api/me?token={TOKEN}", token=None)
        found: dict[str, str] = {}
        for line in answer.headers.get_all("Set-Cookie") or []:
            found |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return found


@contextmanager
def running_server(directory: Path) -> Iterator[Server]:
    """A server whose files are in ``directory``."""
    started: list[Server | BaseException] = []
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        app = _new_app(directory)
        socket, port = bind_unused_port()
        http_server = HTTPServer(app.web_app)
        http_server.add_socket(socket)
        started.append(Server(app, port))
        ready.set()
        await stop.wait()
        http_server.stop()
        await http_server.close_all_connections()
        await app._cleanup()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            started.append(error)
            raise
        finally:
            ready.set()

    with _own_surroundings(directory):
        thread = threading.Thread(target=run, name="jupyter-server-of-the-tests", daemon=True)
        thread.start()
        try:
            assert ready.wait(PATIENCE)
            assert isinstance(started[0], Server), started[0]
            yield started[0]
        finally:
            loops[0].call_soon_threadsafe(stop.set)
            thread.join(PATIENCE)
        assert not thread.is_alive()


def _new_app(directory: Path) -> ServerApp:
    app = SignalFreeServerApp(
        config=Config(
            {
                "ServerApp": {
                    "jpserver_extensions": {"primwidgets": True},
                    "authorizer_class": RecordingAuthorizer,
                    "base_url": BASE_URL,
                    "root_dir": str(directory),
                    "open_browser": False,
                    "log_level": "ERROR",
                },
                "IdentityProvider": {"token": TOKEN},
            }
        )
    )
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    return app


@contextmanager
def _own_surroundings(directory: Path) -> Iterator[None]:
    """Has Jupyter's files in ``directory``, and leaves the loggers as they were."""
    logger = logging.getLogger("tornado")
    before = logger.parent, logger.level, logger.propagate
    names = {log: log.name for log in (app_log, access_log, gen_log)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_NO_CONFIG", "1")
        for kind in ("CONFIG", "DATA", "RUNTIME"):
            patch.setenv(f"JUPYTER_{kind}_DIR", str(directory / kind.lower()))
        yield
    logger.parent, logger.level, logger.propagate = before
    for log, name in names.items():
        log.name = name
