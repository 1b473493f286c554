"""What there is once in a process: the monitor and the hub."""

from __future__ import annotations

import os
from functools import cache
from typing import Final

from primwidgets.hub import HUB_TARGET, Hub
from primwidgets.kernel import accept_commands, open_broadcast, supports_threads, thread_context
from primwidgets.monitor import Monitor
from primwidgets.waiting import LoopRunner
from primwidgets.workers import ThreadRunner, Workers


@cache
def monitor() -> Monitor:
    """The monitor of this process."""
    return Monitor(ThreadRunner(Workers(context=thread_context)) if supports_threads() else LoopRunner())


@cache
def hub() -> Hub:
    """The hub of this process; in a kernel, frontends find it from now on."""
    return Hub(monitor(), open_broadcast(HUB_TARGET))


@cache
def hears_control() -> bool:
    """Have commands on the control channel carried out; whether they arrive there.

    Where they do, frontends are told of the hub: from now on they can ask it.
    """
    heard = accept_commands(hub().receive)
    if heard:
        hub().announce()
    return heard


ONCE: Final = (monitor, hub, hears_control)

if hasattr(os, "register_at_fork"):
    # A forked child has neither the threads nor the sockets of its parent.
    os.register_at_fork(after_in_child=lambda: [once.cache_clear() for once in ONCE])
