"""A frontend that writes down what it is told."""

from __future__ import annotations

from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm
from ipywidgets import Widget

Message = dict[str, Any]


class RecordingFrontend:
    """Carries the comms of a test; attaches itself where widgets look for the kernel.

    Attributes:
        messages: what was sent, each with ``type``, ``comm_id`` and ``data``.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[Message] = []
        messages, comms = self.messages, {}

        class RecordingComm(BaseComm):
            def publish_msg(self, msg_type: str, data: Any = None, *_: object, **__: object) -> None:
                messages.append({"type": msg_type, "comm_id": self.comm_id, "data": data})

        def create_comm(*args: Any, **kwargs: Any) -> RecordingComm:
            made = RecordingComm(*args, **kwargs)
            comms[made.comm_id] = made
            return made

        self._comms: dict[str, RecordingComm] = comms
        monkeypatch.setattr(comm, "create_comm", create_comm)

    def shown_by(self, widget: Widget) -> Message:
        """The state with which ``widget`` was first shown; shows it if that has not happened."""
        model_id = widget.model_id
        (opened,) = (m for m in self.messages if m["type"] == "comm_open" and m["comm_id"] == model_id)
        return dict(opened["data"]["state"])

    def updates_of(self, widget: Widget) -> list[Message]:
        """The changes that ``widget`` has sent, one per message."""
        return [
            m["data"]["state"] for m in self.messages if m["type"] == "comm_msg" and m["comm_id"] == widget.model_id
        ]

    def seen_of(self, widget: Widget) -> Message:
        """The state that the frontend has of ``widget`` now."""
        seen = self.shown_by(widget)
        for update in self.updates_of(widget):
            seen |= update
        return seen

    def set(self, widget: Widget, **state: Any) -> None:
        """Change traits, as a frontend does."""
        self._send(widget, {"method": "update", "state": state})

    def send(self, widget: Widget, content: Any) -> None:
        """Send a custom message."""
        self._send(widget, {"method": "custom", "content": content})

    def receive(self, comm_id: str, data: Message) -> None:
        """Send any message to a comm."""
        self._comms[comm_id].handle_msg({"content": {"data": data}, "buffers": []})

    def _send(self, widget: Widget, data: Message) -> None:
        self.receive(str(widget.model_id), data)
