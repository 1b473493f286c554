"""The frames that the kernel and a worker process exchange over their pipe.

A frame is a byte for its kind, the length of its payload (8 bytes), and the payload. The worker keeps its frames
so short that the system writes each of them at once, so that a child that the function forks can write as well.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Final

#: Kernel to worker: a call (8 bytes for its number, then the pickled call); the number of a call to be cancelled.
CALL: Final = b"c"
CANCEL: Final = b"x"
#: Worker to kernel: ready for a call; a JSON message of a call; a piece of the outcome; end of the outcome.
READY: Final = b"r"
MESSAGE: Final = b"m"
OUTCOME_PIECE: Final = b"p"
OUTCOME: Final = b"o"

#: Maximum payload from a worker in bytes; the kernel closes a connection that exceeds it.
WORKER_BYTES: Final = 64 * 1024
#: Size of the pieces of an outcome in bytes, and of printed text in characters.
PIECE_BYTES: Final = 16 * 1024
PIECE_CHARACTERS: Final = 4_000

#: Maximum number of bytes per read.
_READ_BYTES: Final = 256 * 1024
_HEADER: Final = struct.Struct("!cQ")
_NUMBER: Final = struct.Struct("!Q")

Frame = tuple[bytes, memoryview]


class BrokenFrame(Exception):
    """The data is not a frame."""


def packed(kind: bytes, payload: bytes | memoryview = b"") -> bytes:
    """A frame as bytes."""
    return b"".join((_HEADER.pack(kind, len(payload)), payload))


def number_bytes(number: int) -> bytes:
    """The number of a call as bytes."""
    return _NUMBER.pack(number)


def split_number(payload: memoryview) -> tuple[int, memoryview]:
    """The number of a call, and the rest of the payload."""
    return _NUMBER.unpack_from(payload)[0], payload[_NUMBER.size :]


def pieces(data: memoryview) -> Iterator[memoryview]:
    """``data`` in pieces of ``PIECE_BYTES``."""
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]


class FrameReader:
    """Assembles frames from received data.

    Args:
        limit: maximum payload in bytes; ``None`` for no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that ``data`` completes.

        Raises:
            BrokenFrame: a frame is too long.
        """
        self._buffer += data
        view, at, frames = memoryview(self._buffer), 0, []
        while len(view) - at >= _HEADER.size:
            kind, length = _HEADER.unpack_from(view, at)
            if self._limit is not None and length > self._limit:
                raise BrokenFrame(f"A frame of {length:,} bytes arrived; {self._limit:,} are allowed.")
            begin = at + _HEADER.size
            if len(view) - begin < length:
                break
            at = begin + length
            frames.append((kind, view[begin:at]))
        if at:
            self._buffer = bytearray(view[at:])  # the frames keep the old one
        else:
            view.release()
        return frames


def read_some(connection: Connection) -> bytes:
    """The available data; blocks until there is some.

    Raises:
        EOFError: the other end was closed.
        OSError: the pipe is broken.
    """
    if os.name == "nt":
        return connection.recv_bytes()
    data = os.read(connection.fileno(), _READ_BYTES)
    if not data:
        raise EOFError
    return data


def write_some(connection: Connection, data: memoryview) -> int:
    """Write to the pipe, which may block; returns the number of bytes written.

    Raises:
        OSError: the pipe is broken.
    """
    if os.name == "nt":
        connection.send_bytes(data)
        return len(data)
    return os.write(connection.fileno(), data)
