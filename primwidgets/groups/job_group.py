"""``JobGroup``: a group of jobs, with a card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from typing_extensions import override

from primwidgets._jupyter.enclosing_group import collecting
from primwidgets.groups.group import Group
from primwidgets.widget_job import WidgetJob


class JobGroup(WidgetJob[list[Any], str]):
    """Several jobs as one job with one card: ``JobGroup(jobs)``, or a ``with`` block that collects them.

    ::

        with JobGroup("scan") as scan:
            for angle in angles:
                submit(measure, angle)
        scan.result()

    It has the contract of a job: ``result()`` is the list of the members' results, and ``cancel()`` cancels all that
    still can be. Besides: ``len(scan)``, ``scan[3]``, ``for job in scan``, ``scan.as_completed()``, ``scan.failed``,
    ``scan.rerun_failed()``, ``scan.rows()`` and ``scan.to_frame()``. See ``groups.group.Group``, which it stands for.

    ``WidgetJob([job, job])`` is such a group, too.

    Args:
        jobs: the members, wrapped or not; or the name of a group to which jobs are added.
        name: what to call it on the card.
        **traits: see ``WidgetJob``.

    Raises:
        NotAJobError: something in ``jobs`` is not a job.
    """

    def __new__(cls, jobs: Any = None, *, name: str | None = None, **_traits: Any) -> Any:
        """Make the group, and what stands for it."""
        if isinstance(jobs, str):
            if name is not None:
                raise TypeError("JobGroup(name) and JobGroup(jobs, name=…) give the group one name.")
            jobs, name = None, jobs
        return super().__new__(cls, jobs.job if isinstance(jobs, JobGroup) else _group(jobs, name))

    def __init__(
        self, jobs: Iterable[Any] | Mapping[str, Any] | str | None = None, *, name: str | None = None, **traits: Any
    ) -> None:
        group: Group = self.__dict__["_made_for"].job
        count = None if group.is_open else f"{len(group):,} jobs"
        super().__init__(group, name=name or group.name or count, **traits)

    @override
    def result(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The results of the members in their order; see ``Group.result`` for the arguments, and ``WidgetJob.result``.

        Raises:
            RuntimeError: the group is open: it cannot end before its ``with`` block has. Or a member is a task of the
                event loop that runs here: write ``await group``.
        """
        if self.job.is_open:
            raise RuntimeError("The group is still open: leave its with block, or call complete(), before result().")
        self.job.check_loop()
        return super().result(*args, **kwargs)

    @override
    def wait(self, *args: Any, **kwargs: Any) -> Any:
        """See ``WidgetJob.wait``.

        Raises:
            RuntimeError: a member is a task of the event loop that runs here: write ``await group``.
        """
        self.job.check_loop()
        return super().wait(*args, **kwargs)

    def rerun_failed(self) -> JobGroup:
        """Submit the failed members once more.

        Returns:
            a new group with the new jobs in the places of the failed ones, and the other members as they are.

        Raises:
            TypeError: it is unknown how to submit one of them; nothing is submitted then.
        """
        group: Group = self.job
        again = {index: _again(group, index) for index in range(len(group)) if group[index].snapshot.state == "ERROR"}
        rerun = JobGroup(name=_next_name(self.snapshot.name))
        for index, member in enumerate(group):
            with collecting(None):
                job = again[index]() if index in again else member
            _ = rerun.job.add(job)
        rerun.job.complete()
        return rerun


def _group(jobs: Any, name: str | None) -> Group:
    return jobs if isinstance(jobs, Group) else Group(jobs, name=name)


def _again(group: Group, index: int) -> Callable[[], Any]:
    """What submits a failed member once more."""
    member = group[index]
    if isinstance(member, JobGroup):
        return member.rerun_failed
    run = member.snapshot.run
    if run is None or not run.can_rerun:
        raise TypeError(f"Job {index} of the group cannot be submitted again: {member!r}.")
    return member.rerun


def _next_name(name: str | None) -> str | None:
    """``"scan"`` is followed by ``"scan, run 2"``."""
    if name is None:
        return None
    stem, _, number = name.rpartition(", run ")
    return f"{stem}, run {int(number) + 1}" if stem and number.isdecimal() else f"{name}, run 2"
