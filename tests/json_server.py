"""A server on this machine that answers in JSON, for the clients of cloud providers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class JsonHandler(BaseHTTPRequestHandler):
    """Answers each request with what ``reply`` returns."""

    def reply(self, body: bytes) -> tuple[int, Any] | None:
        """The status and the body (JSON, or a text) for a request; ``None`` if it was answered here."""
        raise NotImplementedError

    def do_GET(self) -> None:
        replied = self.reply(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if replied is None:
            return
        status, answer = replied
        data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def json_server(handler: type[JsonHandler]) -> Iterator[str]:
    """The address of a server whose requests ``handler`` answers, until the end of the ``with``."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
