"""A server on this machine that answers the clients of cloud providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from typing_extensions import override

from tests.json_server import JsonHandler, json_server

#: The status and the body (JSON, or a text) for method, path, headers and body of a request.
Answer = Callable[[str, str, Any, bytes], tuple[int, Any]]


class Stub:
    """The server, with what was asked of it.

    Attributes:
        url: its address.
        answer: what it says; a test sets this.
        requests: method and path of each request, in the order it came.
    """

    url: str

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.answer: Answer = lambda method, path, headers, body: (404, {})


@contextmanager
def http_stub() -> Iterator[Stub]:
    """The server, until the end of the ``with``."""
    stub = Stub()

    class Handler(JsonHandler):
        @override
        def reply(self, body: bytes) -> tuple[int, Any]:
            stub.requests.append(f"{self.command} {self.path}")
            return stub.answer(self.command, self.path, self.headers, body)

    with json_server(Handler) as stub.url:
        yield stub
