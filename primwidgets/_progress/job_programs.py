"""Programs that a job starts: in a notebook, what they print goes to the log of the job, while that runs.

Without this they print to the kernel's own output, which ipykernel shows below whatever cell is running.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import os
import select
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import Any, Final

from primwidgets._progress.switches import Switches
from primwidgets._progress.track import CallContext, printing_context
from primwidgets._threads import start_daemon

#: The first parameters of ``subprocess.Popen``, which may be given by position.
_PARAMETERS: Final = ("args", "bufsize", "executable", "stdin", "stdout", "stderr")
_READ_BYTES: Final = 65_536
#: Seconds to wait for the lock. Reading takes less, so after this many nobody is there who would release it.
_LOCK_SECONDS: Final = 1.0
#: Most reads in a row, so that a program that never stops printing delays nobody.
_READS: Final = 64


@contextlib.contextmanager
def programs_print_to_log(context: CallContext) -> Iterator[None]:
    """Programs that the function of ``context`` starts in here print to its log."""
    if context.echo is not None or not context.captures_programs:  # in a script they print to the terminal
        yield
        return
    context.output_of_programs = output = _ProgramOutput(context)
    try:
        with _SWITCHES.inside():
            yield
    finally:
        output.end()


class _ProgramOutput:
    """A pipe to the log of a call, made when its first program is started."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._pipe: tuple[int, int] | None = None
        self._is_over = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def stream(self) -> int | None:
        """A file descriptor for a program to print to; ``None`` after the end."""
        with self._lock:
            if self._is_over:
                return None
            if self._pipe is None:
                self._pipe = os.pipe()
                os.set_blocking(self._pipe[0], False)
                self._context.raw_output = self._take
                start_daemon("programs", functools.partial(self._read_to_end, self._pipe[0]), Context())
            return self._pipe[1]

    def end(self) -> None:
        """The function has ended. What programs that go on print is still added to its log."""
        self._context.take_raw_output()
        with self._lock:
            self._is_over = True
            self._context.raw_output = self._context.output_of_programs = None
            if self._pipe is not None:
                os.close(self._pipe[1])

    def _read_to_end(self, pipe: int) -> None:
        """Keep programs from waiting for a reader, until the last of them has ended."""
        readable = select.poll()  # select() cannot wait for a file whose number is over 1,023
        readable.register(pipe, select.POLLIN)
        while True:
            readable.poll()
            self._context.take_raw_output()
            with self._lock:
                if not self._is_over:
                    continue
                late = self._read_late(pipe)
            if late is None:
                os.close(pipe)
                return
            self._context.add(late)

    def _take(self, _: int | None = None) -> str:
        if not self._lock.acquire(timeout=_LOCK_SECONDS):  # in a forked child, a thread of the parent may hold it
            return ""
        try:
            return "" if self._pipe is None or self._is_over else self._read(self._pipe[0])
        finally:
            self._lock.release()

    def _read(self, pipe: int) -> str:
        data = bytearray()
        with contextlib.suppress(BlockingIOError):
            for _ in range(_READS):
                if not (piece := os.read(pipe, _READ_BYTES)):
                    break
                data += piece
        return self._decoder.decode(data)

    def _read_late(self, pipe: int) -> str | None:
        """What programs have printed after the end of the function; ``None`` once all of them have ended."""
        try:
            data = os.read(pipe, _READ_BYTES)
        except BlockingIOError:
            return ""
        return self._decoder.decode(data) if data else None


def _stream_of_job() -> int | None:
    context = printing_context()
    output = None if context is None else context.output_of_programs
    return None if output is None else output.stream()


def _switch_programs(switches: Switches) -> None:
    if os.name != "posix":
        return
    switches.put(os, (("system", lambda context, owner, system, command: _system(system, command)),))
    switches.put_method(subprocess.Popen, "__init__", _start)


def _start(usual: Callable[..., None], popen: Any, /, *args: Any, **kwargs: Any) -> None:
    """``Popen.__init__`` of a job: streams that it does not give to its program lead to its log."""
    if (stream := _stream_of_job()) is not None and len(args) <= len(_PARAMETERS):
        kwargs = {**dict(zip(_PARAMETERS, args, strict=False)), **kwargs}
        args = ()
        for name in ("stdout", "stderr"):
            kwargs[name] = stream if kwargs.get(name) is None else kwargs[name]
    usual(popen, *args, **kwargs)


def _system(usual: Callable[[Any], int], command: Any) -> int:
    """``os.system`` of a job: what it returns is a wait status."""
    if _stream_of_job() is None:
        return usual(command)
    code = subprocess.Popen(command, shell=True).wait()
    return -code if code < 0 else code << 8


_SWITCHES: Final = Switches(_switch_programs)
