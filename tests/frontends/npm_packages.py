"""Stands for the content delivery networks that applications load widgets' modules from: gets them with npm."""

from __future__ import annotations

import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from playwright.sync_api import BrowserContext, Route

_ADDRESS: Final = re.compile(
    r"(?:unpkg\.com|cdn\.jsdelivr\.net/npm|/_solara/cdn|esm\.sh)/((?:@[^/]+/)?[^@/]+)@([^/]+)/([^?]*)"
)
_TYPES: Final = {".js": "application/javascript", ".css": "text/css", ".woff2": "font/woff2"}
_ROOT: Final = Path(tempfile.gettempdir()) / "primwidgets-npm"


def serve_npm_packages(context: BrowserContext) -> None:
    """Answer a browser's requests to those networks."""
    context.route(_ADDRESS, _answer)


def _answer(route: Route) -> None:
    found = _ADDRESS.search(route.request.url)
    if found is None:
        route.abort()
        return
    name, version, path = found.groups()
    package = _unpacked(name, unquote(version))
    for candidate in (package / path, package / f"{path}.js", package / path / "index.js"):
        if candidate.is_file():
            headers = {
                "content-type": _TYPES.get(candidate.suffix, "application/octet-stream"),
                "access-control-allow-origin": "*",
            }
            route.fulfill(status=200, body=candidate.read_bytes(), headers=headers)
            return
    route.fulfill(status=404, body="")


@cache
def _unpacked(name: str, version: str) -> Path:
    folder = _ROOT / re.sub(r"[^\w.-]", "_", f"{name}@{version}")
    if not folder.exists():
        folder.mkdir(parents=True)
        wanted = name if version in ("*", "latest") else f"{name}@{version}"
        subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = folder.glob("*.tgz")
        subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)
    return next(one for one in folder.iterdir() if one.is_dir())
