"""A real Jupyter server in a process of its own, with nothing of the user's settings in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

CHECKOUT: Final = Path(__file__).parents[2]
#: Whose JupyterLab is served, and whose kernels run: another one where the tests are for an older version.
JUPYTER: Final = os.environ.get("PRIMWIDGETS_JUPYTER", sys.executable)
_BUILT_EXTENSION: Final = CHECKOUT / "primwidgets" / "_static" / "labextension"
_START_SECONDS: Final = 90.0
_ANSWER_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1

#: No pop-up may cover what a test looks at, and no file may be written but by the test.
_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}

#: What the server answers about a session or kernel that has ended meanwhile.
_GONE: Final = {404, 410}

#: Whenever a page is loaded, it would have the server import every converter of notebooks, for a menu.
_NEVER_LOADED: Final = "@jupyterlab/notebook-extension:export"

#: The server is on this machine: no proxy stands between.
_OPENER: Final = build_opener(ProxyHandler({}))


class JupyterServer:
    """JupyterLab and Notebook 7 on one server with a random port and token; a context manager.

    Args:
        home: an empty directory for the notebooks, settings, runtime files and the log.
        extension: whether the pages have the JupyterLab extension, as it is built in this checkout. Without it
            anywidget draws the cards, as it does in other frontends.
    """

    def __init__(self, home: Path, *, extension: bool = False) -> None:
        self.root = home / "notebooks"
        self.token = secrets.token_hex(16)
        self.log = home / "server.log"
        self.url = ""
        self._labextensions = home / "labextensions"
        self._config = home / "config"
        self._extension = extension
        self._settings = home / "settings"
        self._runtime = home / "runtime"
        self._environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(self._config),
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self._settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
            "PYTHONPATH": os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")])),
        }

    def __enter__(self) -> Self:
        self.root.mkdir(parents=True)
        self._choose_extension()
        self.reset_settings()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(), env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._stop_process()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.shut_down_kernels()
        finally:
            self._stop_process()

    def request(self, method: str, path: str) -> Any:
        """The JSON answer of the server's REST API, ``None`` where it has no body.

        Raises:
            OSError: the server does not answer, or answers with an error.
        """
        request = Request(f"{self.url}{path}", method=method, headers={"Authorization": f"token {self.token}"})
        with _OPENER.open(request, timeout=_ANSWER_SECONDS) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def reset_settings(self) -> None:
        """Forget what a page has set, e.g. the dark theme, and what it kept open."""
        shutil.rmtree(self._settings, ignore_errors=True)
        for plugin, values in _SETTINGS.items():
            self.write_settings(plugin, values)

    def write_settings(self, plugin: str, values: dict[str, Any]) -> None:
        """Set what a user would in the settings editor, for pages that are loaded from now on."""
        file = self._settings / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))

    def prepare_kernels(self, source: str) -> None:
        """Have ``source`` run in every kernel that is started from now on, before its first cell."""
        file = Path(self._environment["IPYTHONDIR"]) / "profile_default" / "startup" / "00-test.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)

    def shut_down_kernels(self) -> None:
        """End every session with its kernel, and every other kernel, also one that is in the middle of a cell."""
        for kind in ("sessions", "kernels"):
            for one in self.request("GET", f"api/{kind}"):
                try:
                    self.request("DELETE", f"api/{kind}/{one['id']}")
                except HTTPError as error:
                    if error.code not in _GONE:
                        raise

    def _choose_extension(self) -> None:
        """Have the pages load the extension from this checkout, or none, whatever is installed."""
        self._labextensions.mkdir()
        (self._labextensions / "primwidgets").symlink_to(_BUILT_EXTENSION)
        page_config = self._config / "labconfig" / "page_config.json"
        page_config.parent.mkdir(parents=True)
        if self._extension:
            shutil.copytree(CHECKOUT / "jupyter-config", self._config, dirs_exist_ok=True)
        disabled = {"primwidgets": not self._extension, _NEVER_LOADED: True}
        page_config.write_text(json.dumps({"disabledExtensions": disabled}))

    def _command(self) -> list[str]:
        return [
            *(JUPYTER, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"),
            "--JupyterNotebookApp.expose_app_in_browser=True",
            f"--LabServerApp.extra_labextensions_path={self._labextensions}",
            f"--LabApp.extra_labextensions_path={self._labextensions}",
            f"--JupyterNotebookApp.extra_labextensions_path={self._labextensions}",
            "--ServerApp.port=0",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.news_url=None",
            # A kernel in the middle of a cell does not answer a request to end, and none has anything to keep.
            "--KernelManager.shutdown_wait_time=0.2",
        ]

    def _wait_until_ready(self) -> None:
        self._await("wrote no address", self._read_url)
        self._await("does not answer", lambda: bool(self.request("GET", "api/kernelspecs")))

    def _read_url(self) -> bool:
        files = list(self._runtime.glob("jpserver-*.json"))
        self.url = json.loads(files[0].read_text())["url"] if files else ""
        return bool(self.url)

    def _await(self, complaint: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if ready():
                    return
            except (URLError, json.JSONDecodeError):
                pass  # it listens, or writes the file, a moment later
            time.sleep(_PAUSE_SECONDS)
        raise RuntimeError(f"the Jupyter server {complaint}:\n{self.log.read_text()[-4000:]}")

    def _stop_process(self) -> None:
        """Kill the server, which has nothing to keep: to end by itself it waits for its pages to let go of it."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
