"""What exists once in a process: the monitor, the hub, the stored outputs and the messages of the cards."""

from __future__ import annotations

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter.broadcast import Broadcast
from primwidgets._jupyter.card_messages import CardMessages
from primwidgets._jupyter.cells import cell_of_file
from primwidgets._jupyter.hub import HUB_TARGET, Hub
from primwidgets._jupyter.kept_calls import KeptCalls
from primwidgets._jupyter.kernel import accept_commands, in_kernel, open_broadcast, supports_threads, thread_context
from primwidgets._jupyter.running_kernel import find_shell
from primwidgets._jupyter.stored_outputs import StoredOutputs
from primwidgets._ledger.recorder import Recorder
from primwidgets._monitor.event_loops import LoopRunner
from primwidgets._monitor.monitor import Monitor
from primwidgets._progress.stdout import ask_for_frontend
from primwidgets._runtime import once_per_process
from primwidgets._threads import ThreadRunner, Work, Workers
from primwidgets.previews import use_shell
from primwidgets.tracebacks import use_cells


@once_per_process
def monitor() -> Monitor:
    """The monitor of this process."""
    return Monitor(ThreadRunner(Workers(context=thread_context)) if supports_threads() else LoopRunner())


@once_per_process
def hub() -> Hub:
    """The hub of this process; in a kernel, frontends find it from now on."""
    return Hub(monitor(), broadcast())


@once_per_process
def broadcast() -> Broadcast:
    """What the hub's messages go through."""
    return Broadcast(open_broadcast(HUB_TARGET))


@once_per_process
def recorder() -> Recorder:
    """What notes the jobs of this process in the ledger."""
    return Recorder(monitor().later)


@once_per_process
def enable_control_channel() -> bool:
    """Have commands on the control channel carried out; whether they arrive there.

    Where they do, the hub is announced to frontends: from now on they can ask it.
    """
    heard = accept_commands(hub().receive)
    if heard:
        hub().announce()
    return heard


@once_per_process
def kept_calls() -> KeptCalls:
    """The calls that have ended and whose arguments are kept."""
    return KeptCalls(lambda seconds, task: monitor().later(seconds, lambda: monitor().run(task, Work.PICTURE)))


@once_per_process
def card_messages() -> CardMessages:
    """The messages of all displayed cards."""
    return CardMessages(lambda seconds, task: monitor().later(seconds, task), SYSTEM_CLOCK)


@once_per_process
def stored_outputs() -> StoredOutputs:
    """The outputs of this process that show jobs."""
    return StoredOutputs()


ask_for_frontend(in_kernel)
use_shell(find_shell)
use_cells(cell_of_file)
