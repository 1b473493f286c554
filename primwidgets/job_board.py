"""``JobBoard``: many jobs in one table, on one comm, in any frontend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anywidget
from traitlets import Dict, Unicode, default
from typing_extensions import override

from primwidgets._jupyter.card_code import built
from primwidgets._jupyter.protocol import PROTOCOL_VERSION
from primwidgets._jupyter.services import broadcast, enable_control_channel, hub
from primwidgets.groups.members import wrap_all
from primwidgets.job_list import JobList
from primwidgets.job_list import jobs as jobs_of_process
from primwidgets.widget_job import WidgetJob


class JobBoard(anywidget.AnyWidget):
    """A table of jobs that is kept up to date: sort it, filter it, select jobs and cancel them, open their cards.

    ::

        JobBoard()      # all jobs of this kernel
        JobBoard(scan)  # the jobs of a group

    Args:
        jobs: the jobs to show, wrapped or not; of a group its members, also those that are added later. ``None``: all
            jobs of this process.

    Raises:
        NotAJobError: something in ``jobs`` is not a job.
    """

    _esm = Unicode(help="The board's ES module.").tag(sync=True)
    _css = Unicode(help="The board's style sheet.").tag(sync=True)
    _channel = Dict(help="How commands can be sent.").tag(sync=True)

    def __init__(self, jobs: Iterable[Any] | None = None) -> None:
        self._jobs: list[WidgetJob[Any, Any]] | None = None
        self._group: WidgetJob[Any, Any] | None = None
        self._uids: set[str] | None = None
        if jobs is not None:
            self._jobs = list(wrap_all(list(jobs)))
            self._uids = {job.snapshot.uid for job in self._jobs}
            self._group = jobs if isinstance(jobs, WidgetJob) else None
        control = enable_control_channel()
        broadcast().add(self._receive)
        super().__init__(_channel={"version": PROTOCOL_VERSION, "control": control})

    @default("_esm")
    def _default_esm(self) -> str:
        return built("board.js")

    @default("_css")
    def _default_css(self) -> str:
        return built("board.css")

    @property
    def jobs(self) -> JobList:
        """The jobs that are shown."""
        if self._group is not None:
            return JobList(self._group)
        return jobs_of_process(members=True) if self._jobs is None else JobList(self._jobs)

    @override
    def __repr__(self) -> str:
        return repr(self.jobs)

    @override
    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        made = super()._repr_mimebundle_(**kwargs)
        bundle = made[0] if isinstance(made, tuple) else made
        texts = {"text/plain": repr(self), "text/html": self.jobs._repr_html_()}
        return {**(bundle or {}), **texts}

    def _handle_custom_msg(self, content: object, buffers: object) -> None:
        hub().receive(content)

    def _receive(self, message: dict[str, Any]) -> None:
        """Pass a message of the hub on to the views, without the jobs that are not shown."""
        if self.comm is None:
            return
        if self._uids is None:
            self.send(message)
            return
        shown = [job for job in message["jobs"] if self._shows(job)]
        removed = [uid for uid in message["removed"] if uid in self._uids]
        if shown or removed or message["whole"]:
            self.send({**message, "jobs": shown, "removed": removed})

    def _shows(self, job: dict[str, Any]) -> bool:
        assert self._uids is not None
        if self._group is not None and job.get("group_id") == self._group.job_id():
            self._uids.add(job["uid"])
        return job["uid"] in self._uids
