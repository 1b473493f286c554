"""What a call in a worker process writes past Python's streams: C code, and programs that it starts. The kernel's side.

The worker's standard output and standard error are a file without a name, which the kernel reads: C code that prints
while it holds Python's lock would wait for ever for a reader in its own process, and what a worker wrote just before it
crashed is there, too.
"""

from __future__ import annotations

import codecs
import os
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final
from weakref import ref

from primwidgets._progress.track import LOG_CHARACTERS, CallContext

#: The file is emptied when it is larger than this many bytes.
_FILE_LIMIT: Final = 16_000_000
_READ_LIMIT: Final = 2 * LOG_CHARACTERS


class RawOutput:
    """The output of one worker process, and the call whose log takes it.

    Raises:
        OSError: no file can be made.
        ImportError: not on this system.
    """

    def __init__(self) -> None:
        import fcntl

        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (``close`` closes it)
        flags = fcntl.fcntl(self._file, fcntl.F_GETFL)
        fcntl.fcntl(self._file, fcntl.F_SETFL, flags | os.O_APPEND)  # so that the file can be emptied
        self._lock = threading.Lock()
        self._read_to = 0
        self._context: CallContext | None = None
        self._before: Callable[[], CallContext | None] = lambda: None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def connection(self) -> Connection:
        """The file in a form that can be given to a new process."""
        return Connection(os.dup(self._file.fileno()), readable=False)

    def begin(self, context: CallContext) -> None:
        """From now on the output belongs to the log of ``context``; what came before, to that of the call before."""
        self.end()
        leftover = self._take()
        if leftover and (before := self._before()) is not None:
            before.write(leftover)
        self._before = ref(context)
        self._context, context.raw_output = context, self._take

    def end(self) -> None:
        """The call has ended."""
        context, self._context = self._context, None
        if context is not None:
            context.take_raw_output()
            context.raw_output = None

    def close(self) -> None:
        """End, and close the file."""
        self.end()
        with self._lock:
            self._file.close()

    def _take(self, up_to: int | None = None) -> str:
        """What was written since the last call, up to that place in the file; of very much, the end. Any thread."""
        with self._lock:
            if self._file.closed:
                return ""
            written = os.fstat(self._file.fileno()).st_size
            size = written if up_to is None else min(written, up_to)
            start = max(self._read_to, size - _READ_LIMIT)
            data = os.pread(self._file.fileno(), size - start, start) if size > start else b""
            self._read_to = max(self._read_to, size)
            if self._read_to == written > _FILE_LIMIT:
                self._file.truncate(0)
                self._read_to = 0
            return self._decoder.decode(data)


def raw_output() -> RawOutput | None:
    """A file for the output of a new worker process; ``None`` where none can be made, and its output stays as it is."""
    try:
        return RawOutput()
    except (OSError, ImportError):
        return None
