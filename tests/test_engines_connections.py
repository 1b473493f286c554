from __future__ import annotations

import json
import os
import pickle
import queue
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from primwidgets import JobCancelled
from primwidgets._progress.track import CallContext
from primwidgets.engines._remote import server as exchange_module
from primwidgets.engines._remote.channel import MESSAGE_BYTES, SocketChannel
from primwidgets.engines._remote.connection import WorkerConnection
from primwidgets.engines._remote.server import WorkerServer
from tests.monitored import PATIENCE, in_thread

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="looks into what is made on POSIX")


class Call:
    """The kernel's end of the line to one call, and what was heard on it."""

    def __init__(self, exchange: WorkerServer) -> None:
        self.messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.connection: WorkerConnection = exchange.open_connection(self.messages.put)
        self.channel: SocketChannel = pickle.loads(pickle.dumps(self.connection.channel))  # as it arrives at the worker

    def next(self) -> Any:
        return self.messages.get(timeout=PATIENCE)

    def await_end(self, seconds: float = PATIENCE) -> None:
        ended = threading.Event()
        self.connection.when_ended(seconds, ended.set)
        assert ended.wait(PATIENCE)

    def close(self) -> None:
        closed = threading.Event()
        self.connection.when_ended(0.0, closed.set)
        assert closed.wait(PATIENCE)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> WorkerServer:
    monkeypatch.setattr(exchange_module, "_IDLE_SECONDS", 0.05)
    return WorkerServer()


@pytest.fixture
def call(exchange: WorkerServer) -> Iterator[Call]:
    call = Call(exchange)
    yield call
    call.close()


def address_of(call: Call) -> str:
    address = call.channel._address
    assert isinstance(address, str)
    return address


def stranger(call: Call) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    connection.connect(address_of(call))
    return connection


def was_hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def await_(wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_a_worker_tells_is_heard_in_order(call: Call) -> None:
    with call.channel.open(CallContext()) as send:
        assert call.channel.connected
        for number in range(100):
            send({"number": number})
        assert [call.next()["number"] for _ in range(100)] == list(range(100))
    call.await_end()
    assert call.connection.said_end
    assert call.connection.pid == os.getpid()


def test_the_end_is_told_when_all_was_heard_and_not_before(call: Call) -> None:
    heard_at_end: queue.SimpleQueue[int] = queue.SimpleQueue()
    with call.channel.open(CallContext()) as send:
        send({"printed": "x"})
        call.connection.when_ended(PATIENCE, lambda: heard_at_end.put(call.messages.qsize()))
        for _ in range(500):
            send({"printed": "y"})
    assert heard_at_end.get(timeout=PATIENCE) >= 501


def test_who_never_calls_is_not_waited_for_longer_than_asked(call: Call) -> None:
    call.await_end(seconds=0.01)
    assert not call.connection.connected


def test_the_kernel_can_cancel_a_call_that_runs(call: Call) -> None:
    run = CallContext()
    with call.channel.open(run) as send:
        send({})
        call.next()
        call.connection.cancel()
        await_(lambda: run.cancelled)


def test_a_call_that_was_cancelled_before_hears_of_it_when_it_begins(call: Call) -> None:
    run = CallContext()
    call.connection.cancel()
    with call.channel.open(run):
        await_(lambda: run.cancelled)


def test_a_call_that_was_withheld_never_begins(call: Call) -> None:
    assert call.connection.prevent_start()
    with pytest.raises(JobCancelled, match="before it began"), call.channel.open(CallContext()):
        pytest.fail("It began.")


def test_a_call_that_has_begun_cannot_be_withheld_and_may_be_tried_again(call: Call) -> None:
    for _ in range(2):
        with call.channel.open(CallContext()):
            assert not call.connection.prevent_start()


def test_text_of_any_length_arrives(call: Call) -> None:
    text = "\x00é\U0001f600\udc80" * 50_000
    with call.channel.open(CallContext()) as send:
        send({"printed": text})
        send({"message": text})
        heard = ""
        while len(heard) < len(text):
            heard += call.next()["printed"]
        assert heard == text
        assert text.startswith(call.next()["message"])


def test_a_worker_that_cannot_reach_the_kernel_goes_on_without(tmp_path: Path) -> None:
    channel = SocketChannel(str(tmp_path / "nobody"), "token", str(tmp_path / "nowhere" / "claim"))
    with channel.open(CallContext()) as send:
        send({"printed": "x"})
    assert not channel.connected


def test_a_worker_whose_kernel_hangs_up_goes_on(call: Call) -> None:
    with call.channel.open(CallContext()) as send:
        send({})
        call.next()
        call.close()
        for _ in range(1000):
            send({"printed": "x" * 1000})


def test_a_worker_that_goes_without_a_word_is_noticed(call: Call) -> None:
    connection = stranger(call)
    connection.sendall(json.dumps({"token": call.connection.token}).encode() + b'\n{"printed": "so far"}\n{"half')
    assert call.next() == {"printed": "so far"}
    connection.close()
    assert call.next() == {}
    assert call.connection.ended
    assert not call.connection.said_end


# Strangers.


@pytest.mark.parametrize(
    "words",
    [
        b'{"token": "guessed"}\n',
        b'{"token": ["x"]}\n',
        b"{}\n",
        b"nonsense\n",
        b'"text"\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b"x" * (MESSAGE_BYTES + 2),
        pickle.dumps(print) + b"\n",
    ],
    ids=range(9),
)
def test_who_does_not_say_the_token_is_hung_up_on_and_nothing_is_heard(call: Call, words: bytes) -> None:
    with stranger(call) as connection:
        try:
            connection.sendall(words)
        except ConnectionError:
            return
        assert was_hung_up(connection)
    assert call.messages.empty()


def test_a_connection_that_sends_nothing_or_half_a_message_is_closed_and_delays_no_other(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stranger(call) as silent, stranger(call) as slow:
        slow.sendall(b'{"tok')
        with call.channel.open(CallContext()) as send:
            send({"number": 1})
            assert call.next() == {"number": 1}
        monkeypatch.setattr(exchange_module, "_HANDSHAKE_SECONDS", 0.0)
        with call.channel.open(CallContext()) as send:  # so that the exchange looks
            send({})
        assert was_hung_up(silent)
        assert was_hung_up(slow)


def test_strangers_are_bounded(exchange: WorkerServer, call: Call) -> None:
    strangers = [stranger(call) for _ in range(exchange_module._UNAUTHENTICATED_LIMIT + 5)]
    assert sum(was_hung_up(connection) for connection in strangers[-5:]) == 5
    for connection in strangers:
        connection.close()
    await_(lambda: not exchange._peers)
    with call.channel.open(CallContext()) as send:
        send({"number": 1})
        assert call.next() == {"number": 1}


def test_a_call_that_says_too_much_at_once_is_cut_off_and_the_others_go_on(exchange: WorkerServer, call: Call) -> None:
    other = Call(exchange)
    with stranger(call) as connection, other.channel.open(CallContext()) as send:
        connection.sendall(json.dumps({"token": call.connection.token}).encode() + b'\n{"number": 0}\n')
        assert call.next() == {"number": 0}
        try:
            connection.sendall(b"x" * 4 * MESSAGE_BYTES)
            hung_up = was_hung_up(connection)
        except ConnectionError:
            hung_up = True
        assert hung_up
        send({"number": 1})
        assert other.next() == {"number": 1}
    other.close()


def test_a_message_that_cannot_be_taken_leaves_the_line_intact(
    exchange: WorkerServer, caplog: pytest.LogCaptureFixture
) -> None:
    heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def hear(message: Any) -> None:
        if message.get("number") == 1:
            raise ValueError("a defect")
        heard.put(message)

    line = exchange.open_connection(hear)
    with line.channel.open(CallContext()) as send:
        send({"number": 1})
        send({"number": 2})
        assert heard.get(timeout=PATIENCE) == {"number": 2}
    line.close()
    assert "a defect" in caplog.text


# What there is while there are calls, and when there are none.


def test_no_other_user_may_enter_the_directory_of_the_socket(call: Call) -> None:
    mode = os.stat(os.path.dirname(address_of(call))).st_mode
    assert stat.S_IMODE(mode) == 0o700


def test_one_thread_hears_all_calls_and_everything_is_let_go_when_there_are_none(exchange: WorkerServer) -> None:
    calls = [Call(exchange) for _ in range(20)]
    directory = os.path.dirname(address_of(calls[0]))
    for call in calls:
        with call.channel.open(CallContext()) as send:
            send({"number": 1})
            assert call.next() == {"number": 1}
    assert sum(thread.name == "primwidgets-server" for thread in threading.enumerate()) >= 1
    assert len(os.listdir(directory)) == 21
    for call in calls:
        call.await_end()
    await_(lambda: not os.path.exists(directory))
    assert exchange._socket is None
    assert not exchange._peers

    again = Call(exchange)
    with again.channel.open(CallContext()) as send:
        send({"number": 2})
        assert again.next() == {"number": 2}
    again.close()


def test_many_calls_at_once_are_all_heard(exchange: WorkerServer) -> None:
    calls = [Call(exchange) for _ in range(30)]

    def tell(call: Call) -> None:
        with call.channel.open(CallContext()) as send:
            for number in range(50):
                send({"number": number})

    for thread in [in_thread(lambda call=call: tell(call)) for call in calls]:  # type: ignore[misc]
        thread.join(PATIENCE)
    for call in calls:
        call.await_end()
        assert [call.next()["number"] for _ in range(50)] == list(range(50))


def test_where_such_a_socket_cannot_be_had_the_kernel_listens_to_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.setattr(exchange_module, "_IDLE_SECONDS", 0.05)
    call = Call(WorkerServer())
    assert call.channel._address[0] == "127.0.0.1"
    assert list(deep.iterdir()) == []
    with call.channel.open(CallContext()) as send:
        send({"number": 1})
        assert call.next() == {"number": 1}
    assert not call.connection.prevent_start()
    call.close()


def test_a_forked_child_leaves_the_lines_to_its_parent(call: Call) -> None:
    with call.channel.open(CallContext()) as send:
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        send({"number": 1})
        assert call.next() == {"number": 1}
    assert os.path.exists(address_of(call))


KILLED = """
import os, signal, sys, tempfile
from primwidgets.engines._remote.server import WorkerServer
tempfile.tempdir = sys.argv[1]
print(os.path.dirname(WorkerServer().open_connection(print).channel._address), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_kernel_left_behind_is_removed_by_the_next_one_and_nothing_else(
    exchange: WorkerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(prefix="pw") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        alive, foreign = Call(exchange), Path(folder, "primwidgets-notes")
        foreign.mkdir()
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, folder], capture_output=True, text=True, timeout=PATIENCE
        )
        left = killed.stdout.strip()
        assert os.path.isdir(left)

        next_one = Call(WorkerServer())
        assert not os.path.exists(left)
        assert foreign.exists()
        with alive.channel.open(CallContext()) as send:
            send({"number": 1})
            assert alive.next() == {"number": 1}
        for call in (alive, next_one):
            call.close()
        await_(lambda: os.listdir(folder) == ["primwidgets-notes"])


CHILD_ENDS = """
import os, sys
from primwidgets.engines._remote.server import open_connection
line = open_connection(print)
child = os.fork()
if not child:
    sys.exit()
print(os.waitpid(child, 0)[1], os.path.exists(line.channel._address))
"""


def test_a_forked_child_that_ends_leaves_the_socket_to_its_parent_and_makes_its_own() -> None:
    run = subprocess.run([sys.executable, "-c", CHILD_ENDS], capture_output=True, text=True, timeout=PATIENCE)
    assert (run.stdout, run.stderr) == ("0 True\n", "")
