"""A server on this machine that answers the clients of cloud providers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: The status and the body (JSON, or a text) for method, path, headers and body of a request.
Answer = Callable[[str, str, Any, bytes], tuple[int, Any]]


class Stub:
    """The server, with what was asked of it.

    Attributes:
        url: its address.
        answer: what it says; a test sets this.
        requests: method and path of each request, in the order it came.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[str] = []
        self.answer: Answer = lambda method, path, headers, body: (404, {})


@contextmanager
def http_stub() -> Iterator[Stub]:
    """The server, until the end of the ``with``."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        stub = Stub(f"http://127.0.0.1:{server.server_port}")
        server.stub = stub  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        stub: Stub = self.server.stub  # type: ignore[attr-defined]
        stub.requests.append(f"{self.command} {self.path}")
        status, answer = stub.answer(self.command, self.path, self.headers, body)
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
