from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primwidgets.engines.process.connection import WorkerConnection
from primwidgets.engines.process.frames import BrokenFrame, FrameReader, packed, read_some
from tests.monitored import PATIENCE

payloads = st.lists(st.tuples(st.sampled_from([b"a", b"b"]), st.binary(max_size=100)), max_size=8)


@given(sent=payloads, size=st.integers(1, 50))
def test_frames_are_put_together_whatever_pieces_they_come_in(sent: list[tuple[bytes, bytes]], size: int) -> None:
    data = b"".join(packed(kind, payload) for kind, payload in sent)
    reader, heard = FrameReader(), []
    for start in range(0, len(data), size):
        heard += [(kind, bytes(payload)) for kind, payload in reader.feed(data[start : start + size])]
    assert heard == sent


def test_a_frame_that_is_too_long_is_refused_before_it_is_there() -> None:
    with pytest.raises(BrokenFrame):
        FrameReader(limit=10).feed(packed(b"a", bytes(11))[:9])


def test_frames_leave_in_order_although_a_thread_sends_what_the_worker_does_not_take_at_once() -> None:
    ours, theirs = multiprocessing.Pipe()
    connection, reader = WorkerConnection(ours), FrameReader()
    for number in range(50):
        connection.send(b"a", bytes([number]) * 100_000)
    heard: list[int] = []
    while len(heard) < 50:
        heard += [payload[0] for _, payload in reader.feed(_read(theirs))]
    assert heard == list(range(50))
    connection.close()
    theirs.close()


def test_a_connection_that_is_closed_while_the_worker_takes_nothing_lets_its_thread_go() -> None:
    ours, theirs = multiprocessing.Pipe()
    connection = WorkerConnection(ours)
    connection.send(b"a", bytes(10_000_000))
    senders = [thread for thread in threading.enumerate() if thread.name == "primwidgets-sender"]
    connection.close()
    theirs.close()
    for sender in senders:
        sender.join(PATIENCE)
        assert not sender.is_alive()


def _read(pipe: multiprocessing.connection.Connection) -> bytes:
    return read_some(pipe)
