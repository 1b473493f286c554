"""``make soak``: thousands of jobs come, are shown, cancelled, closed and dropped, and nothing is left behind.

It lives through as many jobs as a kernel sees in eight hours at one a second, as fast as they go. After each hundredth
part it counts what exists: threads, comms, widgets, jobs in the hub, files, memory. What grows all the time fails.
"""

from __future__ import annotations

import argparse
import gc
import glob
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from statistics import median
from typing import Any, Final
from unittest.mock import patch

import comm
import psutil
from comm.base_comm import BaseComm
from ipywidgets.widgets import widget as ipywidgets_registry

from primwidgets import JobState, WidgetJob, report, submit, track
from primwidgets._jupyter.services import hub, monitor
from primwidgets.testing import FakeJob

_LOOKS: Final = 100
#: Growth from the first third to the last one that is taken for noise: a share of what is there, and a number.
_SHARE: Final = 0.1
_ALLOWED: Final = {"threads": 8, "comms": 20, "widgets": 20, "hub": 20, "tracked": 20, "files": 1, "MiB": 24}


class _CountedComm(BaseComm):
    """A comm that nobody listens to; the open ones are counted."""

    open_now: Final[set[str]] = set()

    def publish_msg(self, msg_type: str, *_: object, **__: object) -> None:
        if msg_type == "comm_open":
            self.open_now.add(self.comm_id)
        elif msg_type == "comm_close":
            self.open_now.discard(self.comm_id)


def _look() -> dict[str, float]:
    gc.collect()
    return {
        "threads": threading.active_count(),
        "comms": len(_CountedComm.open_now),
        "widgets": len(ipywidgets_registry._instances),
        "hub": len(hub().members()),
        "tracked": len(monitor().tracked_jobs),
        "files": len(glob.glob(os.path.join(tempfile.gettempdir(), "primwidgets-*"))),
        "MiB": psutil.Process().memory_info().rss / 2**20,
    }


def _loop(steps: int) -> int:
    for step in track(range(steps)):
        report(message=f"step {step}")
        print("at", step)
    return steps


def _fake(choose: random.Random) -> WidgetJob[Any, Any]:
    job = FakeJob(push=choose.random() < 0.5)
    wrapped: WidgetJob[Any, Any] = WidgetJob(job)
    job.move_to(JobState.RUNNING, progress=choose.random())
    choose.choice([job.finish, job.finish, lambda: job.fail(ValueError("no"))])()
    return wrapped


def _future(choose: random.Random) -> WidgetJob[Any, Any]:
    future: Future[int] = Future()
    wrapped: WidgetJob[Any, Any] = WidgetJob(future)
    if choose.random() < 0.3:
        wrapped.cancel()
    else:
        future.set_running_or_notify_cancel()
        future.set_result(1)
    return wrapped


def _call(choose: random.Random) -> WidgetJob[Any, Any]:
    wrapped = submit(_loop, choose.randrange(20))
    if choose.random() < 0.3:
        wrapped.cancel()
    return wrapped


def _process(choose: random.Random) -> WidgetJob[Any, Any]:
    wrapped = submit(_loop, choose.randrange(20), engine="process")
    if choose.random() < 0.3:
        wrapped.cancel()
    return wrapped


def _live(choose: random.Random) -> None:
    kinds: list[Callable[[random.Random], WidgetJob[Any, Any]]] = [_fake, _future, _call]
    job = (_process if choose.random() < 0.02 else choose.choice(kinds))(choose)
    if shown := choose.random() < 0.5:
        job._repr_mimebundle_()
        job.model_id  # noqa: B018  (opens the comm, as being shown does)
    if choose.random() < 0.8:
        assert job.wait(60), job
    if (
        shown or choose.random() < 0.5
    ):  # a card that is shown stays on its page, and its comm with it, until it is closed
        job.close()


def _grown(looks: list[dict[str, float]]) -> list[str]:
    third = len(looks) // 3
    grown = []
    for what, allowed in _ALLOWED.items():
        before, after = (median(look[what] for look in part) for part in (looks[third : 2 * third], looks[-third:]))
        rising = sum(later[what] > earlier[what] for earlier, later in pairwise(looks[third:]))
        if after - before > allowed + _SHARE * before and rising > third:
            grown.append(f"{what}: {before:.0f} -> {after:.0f}")
    return grown


def main() -> None:
    """Live through the given number of jobs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=28_800)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    choose, began, looks = random.Random(given.seed), time.monotonic(), []
    with patch.object(comm, "create_comm", _CountedComm):
        hub().receive({"primwidgets": 1, "verb": "sync"})
        for part in range(_LOOKS):
            for _ in range(max(1, given.jobs // _LOOKS)):
                _live(choose)
            looks.append(_look())
            if part % 10 == 9:
                seen = ", ".join(f"{what} {count:.0f}" for what, count in looks[-1].items())
                print(f"{part + 1} % in {time.monotonic() - began:.0f} s: {seen}", flush=True)
    grown = _grown(looks)
    if grown:
        raise SystemExit("Grew all the time: " + "; ".join(grown))
    print(f"{given.jobs:,} jobs: nothing is left behind.")


if __name__ == "__main__":
    main()
