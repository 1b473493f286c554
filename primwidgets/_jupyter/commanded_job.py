"""The part of ``WidgetJob`` that carries out the commands of its card, such as *Cancel* and *Run again*.

They come through the hub, on the control channel; in frontends that hide the kernel, as custom messages of the widget.
"""

from __future__ import annotations

from functools import partial
from typing import Any, assert_never

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._jupyter.displayed_job import DisplayedJob
from primwidgets._jupyter.protocol import Command, Verb, parse_command
from primwidgets._jupyter.services import monitor
from primwidgets._monitor.transitions import note_rerun_problem
from primwidgets._monitor.waiting import Waiting
from primwidgets._threads import Work


class CommandedJob(DisplayedJob):
    """A displayed job that obeys the buttons of its card."""

    def rerun(self, *args: Any, **kwargs: Any) -> Any:
        """Start the call once more; returns the new job. ``WidgetJob`` defines it."""
        raise NotImplementedError

    def stop_waiting(self) -> None:
        """Let every blocked ``result()`` and ``wait()`` end with ``StoppedWaiting``; the job goes on. Any thread."""
        if (waiting := self._wrapped.waiting) is not None:
            waiting.stop()

    @property
    def _waiting(self) -> Waiting:
        wrapped = self._wrapped
        if wrapped.waiting is None:
            wrapped.waiting = Waiting(wrapped.tracked, monitor(), self._received)
        return wrapped.waiting

    @override
    def _handle_custom_msg(self, content: object, buffers: object) -> None:
        command = parse_command(content)
        if command is None:
            super()._handle_custom_msg(content, buffers)
        elif command.uid == self._wrapped.uid:
            self._obey(command)

    def _obey(self, command: Command) -> None:
        """Carry out a command; returns at once, since the caller's thread may serve the kernel."""
        match command.verb:
            case Verb.CANCEL:
                monitor().request_cancel(self._wrapped.tracked)
            case Verb.STOP_WAITING:
                self.stop_waiting()
            case Verb.PREVIEW if self._wrapped.adapter.holds_result:
                self._draw_local_result()
            case Verb.PREVIEW:
                self._waiting.fetch()
            case Verb.RERUN:
                self._rerun_if_ended()
            case Verb.REFRESH:
                self.send_again()
            case Verb.SYNC | Verb.CLEAR_FINISHED:
                pass  # they are about all jobs, so the hub carries them out
            case _:
                assert_never(command.verb)

    def _rerun_if_ended(self) -> None:
        """Have a worker run the call again if the job has ended; returns at once."""
        if self.snapshot.is_final:
            monitor().run(self._rerun_and_display, Work.COMMAND)

    def _rerun_and_display(self) -> None:
        """Run the call again and show the new job below this one; on a worker."""
        wrapped = self._wrapped
        made = border.call(self.rerun)
        if isinstance(made, border.Raised):
            wrapped.tracked.change(partial(note_rerun_problem, made.text))
            return
        again, cell = made.value, self.snapshot.cell_id
        again._wrapped.tracked.change(lambda known: known.evolve(cell_id=cell))
        again._display_below(wrapped.request)
