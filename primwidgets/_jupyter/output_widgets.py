"""Jobs that are displayed inside an ``ipywidgets.Output``: what it captured of them is kept true, too.

A frontend moves such an output from the cell into the widget's own trait ``outputs``, where no update of a display
finds it, and tells the kernel. So it is replaced there: when the frontend has told of it, and when the job ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from ipywidgets import Output
from ipywidgets.widgets import widget as widgets

from primwidgets._jupyter.running_kernel import find_kernel, latest_request, part

JOB_MIME: Final = "application/vnd.primwidgets.job+json"
WIDGET_MIME: Final = "application/vnd.jupyter.widget-view+json"
#: Displays in one widget that are kept up to date: the latest.
_KEPT: Final = 100

Bundle = dict[str, Any]


class Captured:
    """What widgets have captured of one object that was displayed. It outlives the object.

    Attributes:
        newest: what the outputs should hold; ``None`` until that differs from what was displayed.
        shown: what was displayed last.
    """

    def __init__(self) -> None:
        self.newest: Bundle | None = None
        self.shown: Bundle = {}

    def note(self, bundle: Bundle) -> None:
        """Note in which ``Output`` the running code displays the object, if in any; on the cell's thread."""
        self.shown = bundle
        kernel = find_kernel()
        message_id = None if kernel is None else part(latest_request(kernel), "header").get("msg_id")
        for output in tuple(widgets._instances.values()) if message_id else ():
            if isinstance(output, Output) and output.msg_id == message_id:
                if output not in _captured:
                    output.observe(_changed_by_frontend, "outputs")
                _captured.setdefault(output, deque(maxlen=_KEPT)).append(self)

    def update(self, bundle: Bundle) -> None:
        """Replace what widgets have captured of the object by ``bundle``. Any thread."""
        self.newest = bundle
        for output, captured in tuple(_captured.items()):
            if self in captured:
                _replace(output, [bundle])


_captured: Final[WeakKeyDictionary[Any, deque[Captured]]] = WeakKeyDictionary()


def captured_in(output: Any) -> list[Bundle]:
    """What a widget has captured of jobs, as it should be now, also before its frontend has told the kernel so."""
    return [each.newest or each.shown for each in _captured.get(output, ())]


def _changed_by_frontend(change: Mapping[str, Any]) -> None:
    output = change["owner"]
    newest = [each.newest for each in _captured.get(output, ()) if each.newest is not None]
    _replace(output, newest)


def _replace(output: Any, bundles: list[Bundle]) -> None:
    replaced = tuple(_replaced(one, bundles) for one in output.outputs)
    if replaced != output.outputs:
        output.outputs = replaced


def _replaced(captured: Any, bundles: list[Bundle]) -> Any:
    data = captured.get("data") if isinstance(captured, Mapping) else None
    if not isinstance(data, Mapping):
        return captured
    for bundle in bundles:
        if set(_ids_in(bundle)) & set(_ids_in(data)):
            return {**captured, "data": {**bundle}}
    return captured


def _ids_in(bundle: Mapping[str, Any]) -> Iterator[str]:
    """What names the jobs in a bundle."""
    job, view = bundle.get(JOB_MIME), bundle.get(WIDGET_MIME)
    if isinstance(job, Mapping):
        yield str(part(job, "snapshot").get("uid"))
    if isinstance(view, Mapping):
        yield str(view.get("model_id"))
