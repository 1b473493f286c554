"""The extension of Jupyter's server: lists and forgets jobs of the ledger while no kernel runs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from primwidgets import JobState
from primwidgets._ledger import places, store
from primwidgets._ledger.store import LedgerFile
from primwidgets._server import handlers
from primwidgets._server.queries import MOST_JOBS
from tests.jupyter_server_in_process import TOKEN, Answer, Server, running_server
from tests.ledgers import entry
from tests.monitored import PATIENCE

JOBS = "primwidgets/jobs"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server of all tests, with an authorizer that allows everything and remembers nothing."""
    running.authorizer.asked.clear()
    yield running
    running.authorizer.refused.clear()


@pytest.fixture
def ledger(ledger_path: Path) -> LedgerFile:
    """Four jobs, the oldest first."""
    file = LedgerFile(ledger_path)
    file.write(
        [
            entry("a", name=HOSTILE, created_at=1.0, locator={"provider": "acme", "job_id": "a"}),
            entry("b", name="fit", created_at=2.0, state=JobState.DONE, backend=HOSTILE),
            entry("c", name="Scan 100%", created_at=3.0, state=JobState.ERROR, provider=HOSTILE),
            entry("d", name="d", created_at=4.0, job_id=HOSTILE),
        ]
    )
    return file


def uids(answer: Answer) -> list[str]:
    assert answer.status == 200
    return [job["uid"] for job in answer.json["jobs"]]


def test_jobs_are_listed_with_what_the_ledger_knows_the_latest_first(server: Server, ledger: LedgerFile) -> None:
    answer = server.request("GET", JOBS)
    assert uids(answer) == ["d", "c", "b", "a"]
    assert answer.json["more"] is False
    oldest = answer.json["jobs"][-1]
    assert oldest["locator"] == {"provider": "acme", "job_id": "a"}
    assert (oldest["state"], oldest["notebook"], oldest["created_at"]) == ("RUNNING", "a.ipynb", 1.0)


def test_markup_in_names_is_returned_as_text_in_json(server: Server, ledger: LedgerFile) -> None:
    answer = server.request("GET", JOBS)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    jobs = {job["uid"]: job for job in answer.json["jobs"]}
    shown = (jobs["a"]["name"], jobs["b"]["backend"], jobs["c"]["provider"], jobs["d"]["job_id"])
    assert shown == (HOSTILE,) * 4


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=2", ["d", "c"]),
        ("state=done", ["b"]),
        ("state=live", ["d", "a"]),
        ("notebook=A.IPY", ["d", "c", "b", "a"]),
        ("notebook=other", []),
        ("text=SCAN%20100%25", ["c"]),
        ("text=onerror", ["d", "c", "b", "a"]),
        ("text=fit&state=error", []),
        ("text=", ["d", "c", "b", "a"]),
        ("text='%20OR%201=1%20--", []),
    ],
)
def test_jobs_are_filtered(server: Server, ledger: LedgerFile, query: str, expected: list[str]) -> None:
    assert uids(server.request("GET", f"{JOBS}?{query}")) == expected


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=-1", "limit=many", "limit=" + "9" * 300, "state=melted", "text=" + "x" * 401],
)
def test_an_argument_that_is_not_allowed_is_refused_in_words(server: Server, ledger: LedgerFile, query: str) -> None:
    answer = server.request("GET", f"{JOBS}?{query}")
    assert answer.status == 400
    assert repr(query.partition("=")[0]) in answer.json["message"]


def test_an_answer_is_bounded_and_says_that_there_are_more(server: Server, ledger_path: Path) -> None:
    file = LedgerFile(ledger_path)
    file.write(entry(f"u-{number}", name="x" * 9999, created_at=float(number)) for number in range(MOST_JOBS + 1))
    answer = server.request("GET", f"{JOBS}?limit={MOST_JOBS}")
    assert len(answer.json["jobs"]) == MOST_JOBS
    assert answer.json["more"] is True
    assert max(len(job["name"]) for job in answer.json["jobs"]) < 500


def test_values_that_no_version_writes_are_answered_as_valid_json(server: Server, ledger: LedgerFile) -> None:
    nested = "[" * 100_000
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute(
            "UPDATE jobs SET created_at = 9e999, name = x'ff00', notebook = ? WHERE uid = 'd'", ("y" * 9999,)
        )
        database.execute("UPDATE jobs SET locator = ? WHERE uid = 'c'", (nested,))
        database.execute("UPDATE jobs SET locator = ? WHERE uid = 'b'", (json.dumps({"job_id": "z" * 9999, "x": 1}),))
        database.execute("UPDATE jobs SET state = 'MELTED' WHERE uid = 'a'")
    answer = server.request("GET", JOBS)
    assert uids(answer) == ["d", "c", "b"]
    d, c, b = answer.json["jobs"]
    assert (d["created_at"], d["name"], len(d["notebook"]) < 500) == (None, None, True)
    assert (c["locator"], b["locator"]) == ({}, {"x": "1"})


def test_a_job_is_forgotten_and_the_others_stay(server: Server, ledger: LedgerFile) -> None:
    answer = server.request("DELETE", f"{JOBS}/b")
    assert (answer.status, answer.text) == (204, "")
    assert [one.uid for one in ledger.read()] == ["d", "c", "a"]
    again = server.request("DELETE", f"{JOBS}/b")
    assert (again.status, again.json["reason"]) == (404, "no such job")


def test_without_a_token_nothing_is_told_and_nothing_is_forgotten(server: Server, ledger: LedgerFile) -> None:
    for token in (None, "wrong"):
        for method, path in (("GET", JOBS), ("DELETE", f"{JOBS}/a")):
            answer = server.request(method, path, token=token)
            assert answer.status == 403
            assert "onerror" not in answer.text
    assert len(ledger.read()) == 4


def test_a_browser_that_is_logged_in_needs_the_xsrf_token_to_forget_a_job(server: Server, ledger: LedgerFile) -> None:
    cookies = {**server.browser_cookies(), "_xsrf": "2|00000000|00000000|0"}
    login = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    assert len(uids(server.request("GET", JOBS, token=None, headers=login))) == 4
    for wrong in ({}, {"X-XSRFToken": "2|11111111|22222222|0"}):
        assert server.request("DELETE", f"{JOBS}/a", token=None, headers={**login, **wrong}).status == 403
    assert len(ledger.read()) == 4
    right = {**login, "X-XSRFToken": cookies["_xsrf"]}
    assert server.request("DELETE", f"{JOBS}/a", token=None, headers=right).status == 204


def test_a_page_of_another_site_gets_no_answer(server: Server, ledger: LedgerFile) -> None:
    login = {"Cookie": "; ".join(f"{name}={value}" for name, value in server.browser_cookies().items())}
    answer = server.request("GET", JOBS, token=None, headers={**login, "Origin": "https://elsewhere.example"})
    assert answer.status == 404
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_authorizer_of_the_server_decides_on_reading_and_writing(server: Server, ledger: LedgerFile) -> None:
    server.authorizer.refused.add(("write", "primwidgets"))
    assert server.request("GET", JOBS).status == 200
    assert server.request("DELETE", f"{JOBS}/a").status == 403
    assert server.authorizer.asked == [("read", "primwidgets"), ("write", "primwidgets")]
    server.authorizer.refused.add(("read", "primwidgets"))
    assert server.request("GET", JOBS).status == 403
    assert len(ledger.read()) == 4


def test_a_ledger_without_a_file_has_no_jobs(server: Server, ledger_path: Path) -> None:
    assert uids(server.request("GET", JOBS)) == []
    assert server.request("DELETE", f"{JOBS}/a").status == 404
    assert not ledger_path.parent.exists()


def test_a_ledger_that_is_turned_off_says_so(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.VARIABLE, "off")
    for method, path in (("GET", JOBS), ("DELETE", f"{JOBS}/a")):
        answer = server.request(method, path)
        assert (answer.status, answer.json["reason"]) == (503, "ledger is off")


def damaged(path: Path, _patch: pytest.MonkeyPatch) -> None:
    path.write_text("not a database" * 100)


def of_other_columns(path: Path, _patch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE jobs RENAME COLUMN provider TO service")
        database.execute(f"PRAGMA user_version = {store.SCHEMA_VERSION + 1}")


def not_a_file(path: Path, _patch: pytest.MonkeyPatch) -> None:
    path.unlink()
    path.mkdir()


def full_device(_path: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv(places.VARIABLE, "/dev/full")


@pytest.mark.parametrize("spoil", [damaged, of_other_columns, not_a_file, full_device])
def test_a_ledger_that_cannot_be_used_is_an_error_in_words(
    server: Server,
    ledger: LedgerFile,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    spoil(ledger.path, monkeypatch)
    for method, path in (("GET", JOBS), ("DELETE", f"{JOBS}/a")):
        answer = server.request(method, path)
        assert (answer.status, answer.json["reason"]) == (503, "ledger cannot be used")
        assert "edger" in answer.json["message"] or "newer version" in answer.json["message"]
        assert "Traceback" not in answer.text
        assert "Error" not in answer.text


def test_a_ledger_of_a_newer_version_forgets_no_job(server: Server, ledger: LedgerFile) -> None:
    with closing(sqlite3.connect(ledger.path)) as database:
        database.execute(f"PRAGMA user_version = {store.SCHEMA_VERSION + 1}")
    answer = server.request("DELETE", f"{JOBS}/a")
    assert answer.status == 503
    assert "newer version" in answer.json["message"]
    assert len(uids(server.request("GET", JOBS))) == 4


def test_a_ledger_that_may_only_be_read_is_listed_and_forgets_no_job(
    server: Server, ledger: LedgerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def read_only(*arguments: Any, **keywords: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*arguments, **keywords)
        database.execute("PRAGMA query_only = ON")
        return database

    monkeypatch.setattr(sqlite3, "connect", read_only)
    assert len(uids(server.request("GET", JOBS))) == 4
    answer = server.request("DELETE", f"{JOBS}/a")
    assert answer.status == 503
    assert "readonly" in answer.json["message"]


@contextmanager
def locked(ledger: LedgerFile) -> Iterator[None]:
    """Another process writes, and takes its time."""
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_ledger_that_stays_locked_is_listed_and_says_why_it_forgets_no_job(
    server: Server, ledger: LedgerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_BUSY_SECONDS", 0.01)
    with locked(ledger):
        assert len(uids(server.request("GET", JOBS))) == 4
        answer = server.request("DELETE", f"{JOBS}/a")
    assert answer.status == 503
    assert "locked" in answer.json["message"]
    assert server.request("DELETE", f"{JOBS}/a").status == 204


def test_a_slow_ledger_delays_no_other_request_and_bounds_those_that_wait(
    server: Server, ledger: LedgerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "MOST_PENDING", 1)
    reading, go_on = threading.Event(), threading.Event()
    read = LedgerFile.read

    def slow_read(*arguments: Any) -> list[Any]:
        reading.set()
        assert go_on.wait(PATIENCE)
        return read(*arguments)

    monkeypatch.setattr(LedgerFile, "read", slow_read)
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(server.request("GET", JOBS)))
    thread.start()
    try:
        assert reading.wait(PATIENCE)
        assert server.request("GET", "api/me").status == 200
        refused = server.request("GET", JOBS)
        assert (refused.status, refused.json["reason"]) == (503, "busy")
    finally:
        go_on.set()
        thread.join(PATIENCE)
    assert [len(uids(answer)) for answer in answers] == [4]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused(server: Server, ledger: LedgerFile, method: str) -> None:
    answer = server.request(method, JOBS)
    assert (answer.status, "message" in answer.json) == (405, True)
    assert len(ledger.read()) == 4


def test_what_the_server_imports_loads_neither_widgets_nor_what_runs_in_a_kernel() -> None:
    script = """
import sys, primwidgets
assert not {"jupyter_server", "tornado"} & set(sys.modules)
for point in primwidgets._jupyter_server_extension_points():
    __import__(point["module"])
assert not {"jupyter_server", "tornado"} & set(sys.modules)
import primwidgets._server.handlers
foreign = {"ipywidgets", "anywidget", "comm", "ipykernel", "qiskit", "dask", "distributed", "ipyparallel"}
own = {"primwidgets._jupyter", "primwidgets._monitor", "primwidgets.adapters", "primwidgets.widget_job"}
print(sorted((foreign | own) & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert run.stdout.strip() == "[]"


def test_the_token_is_in_no_answer(server: Server, ledger: LedgerFile) -> None:
    assert TOKEN not in server.request("GET", f"{JOBS}?token={TOKEN}", token=None).text
