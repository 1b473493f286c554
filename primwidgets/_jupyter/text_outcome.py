"""What came out of a job, and why it failed, as plain text for the static card; bounded, and the same in every viewer.

The frontend writes the same: ``labextension/src/lab/outputs/storedOutcome.ts``. ``tests/golden/text_cards.json`` pins
both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from primwidgets._jupyter.formats import significant
from primwidgets.snapshot import JobError, clip

#: Lines of a result or of a traceback, and characters of a line.
_LINES: Final = 12
_LINE_LIMIT: Final = 200
#: Outcomes, observables, and the user's frames of one exception that are listed.
_ENTRIES: Final = 8
_FRAMES: Final = 5
_BASE64: Final = re.compile("[A-Za-z0-9+/]+={0,2}")


def result_text(preview: Mapping[str, Any] | None) -> str:
    """The result of a job that is done, in a few lines; empty where there is none."""
    match None if preview is None else preview.get("kind"):
        case "display":
            return _bounded(_display(preview or {}))
        case "counts":
            return _bounded(_panels(preview or {}, _counts))
        case "expectation_values":
            return _bounded(_panels(preview or {}, _values))
    return ""


def result_picture(preview: Mapping[str, Any] | None) -> str | None:
    """The address of the picture of a result, with the picture in it; ``None`` where there is none."""
    image = preview.get("image") if preview is not None and preview.get("kind") == "display" else None
    if image is None or not _BASE64.fullmatch(data := image["data"].replace("\n", "")):
        return None
    return f"data:image/{image['format']};base64,{data}"


def failure_text(error: JobError | None) -> str:
    """Where the job failed: the user's own frames of the exception and of what caused it; else the traceback's end."""
    if error is None:
        return ""
    if error.chain:
        return _bounded([line for index, step in enumerate(error.chain) for line in _step(step, index)])
    return _bounded((error.traceback or "").strip("\n").split("\n")[-_LINES:])


def _display(preview: Mapping[str, Any]) -> list[str]:
    text = preview["text"].strip("\n")
    return [line for line in [preview["summary"], *text.split("\n")] if line]


def _panels(preview: Mapping[str, Any], lines_of: Any) -> list[str]:
    panels = preview["panels"]
    more = len(panels) - 1 + preview["more_panels"]
    lines = [] if not panels else lines_of(panels[0])
    title = [panels[0]["title"]] if panels and more and panels[0]["title"] else []
    return [*title, *lines, *([f"… and {more:,} more results"] if more > 0 else [])]


def _counts(panel: Mapping[str, Any]) -> list[str]:
    bars = panel["bars"]
    others = len(bars[_ENTRIES:]) + panel["other_outcomes"]
    lines = [f"{bar['label']}: {bar['count']:,}" for bar in bars[:_ENTRIES]]
    return [*lines, *([f"… and {others:,} other outcomes"] if others else [])]


def _values(panel: Mapping[str, Any]) -> list[str]:
    points = panel["points"]
    more = len(points[_ENTRIES:]) + panel["more_points"]
    return [*map(_point, points[:_ENTRIES]), *([f"… and {more:,} more"] if more else [])]


def _point(point: Mapping[str, Any]) -> str:
    spread = "" if not point["std"] else f" ± {significant(point['std'])}"
    return f"{point['label']}: {significant(point['value'])}{spread}"


def _step(step: Mapping[str, Any], index: int) -> list[str]:
    own = [frame for frame in step["frames"] if frame["own"]][-_FRAMES:]
    frames = own or step["frames"][-1:]
    relation = "Caused by" if step["caused"] else "Raised while handling"
    heading = [f"{relation} {step['type']}: {step['message']}"] if index else []
    return [*heading, *(line for frame in frames for line in _frame(frame))]


def _frame(frame: Mapping[str, Any]) -> list[str]:
    inside = "" if frame["function"] in ("", "<module>") else f", in {frame['function']}"
    source: Sequence[str] = frame["source"]
    index = frame["line"] - frame["first_line"]
    line = [f"    {source[index].strip()}"] if 0 <= index < len(source) else []
    return [f"{frame['file']}, line {frame['line']}{inside}", *line]


def _bounded(lines: list[str]) -> str:
    kept = [*lines[:_LINES], "…"] if len(lines) > _LINES else lines
    return "\n".join(clip(line.replace("\n", " "), _LINE_LIMIT) for line in kept)
