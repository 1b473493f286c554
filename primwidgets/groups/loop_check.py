"""Refuses to block an event loop that members of a group need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from primwidgets._monitor.event_loops import running_loop


def check_loop(members: Iterable[Any]) -> None:
    """Raise if a member that has not ended is run by the event loop of this thread, which a wait would block.

    Raises:
        RuntimeError: says what to write instead.
    """
    loop = running_loop()
    if loop is not None and any(_is_run_by(loop, member) for member in members):
        raise RuntimeError(
            "This would block the running event loop, which jobs of the group need. Use `await group` instead "
            "of group.result() and group.wait(), and `async for` instead of `for` with as_completed()."
        )


def _is_run_by(loop: Any, member: Any) -> bool:
    if member.snapshot.is_final:
        return False
    adapter = member._wrapped.adapter
    if adapter.event_loop is loop:
        return not adapter.job.done()
    if adapter.must_be_awaited:
        return True
    members = getattr(type(adapter), "members", None)  # of a group in the group
    return members is not None and any(_is_run_by(loop, inner) for inner in members(adapter))
