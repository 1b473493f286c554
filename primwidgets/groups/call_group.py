"""The calls of one function or primitive as one group, of which only the newest members are kept."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.groups.group import Group, Member
from primwidgets.groups.tally import others_text
from primwidgets.snapshot import GroupSummary

#: Calls that are kept with their results; the earlier ones that succeeded are only counted.
CALLS_KEPT: Final = 100


class CallGroup(Group):
    """Calls that follow each other, such as those of an optimiser: ``"137 calls · last 8 ms"``.

    Its ``result()`` is the list of the results of the calls that are kept.

    Args:
        name: what to call it on the card.
    """

    shows_last_result: ClassVar[bool] = True

    def __init__(self, name: str | None = None) -> None:
        super().__init__(None, name=name)

    @override
    def add(self, job: Any, *, name: str | None = None) -> Member:
        member = super().add(job, name=name)
        self._drop_oldest(CALLS_KEPT)
        return member

    @override
    def describe(self, group: GroupSummary) -> str:
        calls = f"{group.total:,} call{'' if group.total == 1 else 's'}"
        last = self._tally.last_seconds
        return " · ".join([calls, *([] if last is None else [f"last {_brief(last)}"]), *others_text(group)])


def _brief(seconds: float) -> str:
    """``seconds`` with the precision of a call that may take milliseconds."""
    if seconds < 1:
        return f"{max(1, round(seconds * 1000))} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
