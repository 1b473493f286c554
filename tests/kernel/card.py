"""What a frontend knows of the one card that a kernel shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from primwidgets._jupyter.protocol import Verb, command_message
from tests.kernel.driver import KernelDriver, Message


class Card:
    """The model of a card, built from the comm messages as a frontend builds it."""

    def __init__(self, kernel: KernelDriver) -> None:
        self._kernel = kernel
        self._comm_id = kernel.wait_for(_opens_card)["content"]["comm_id"]

    def send(self, verb: Verb) -> None:
        """Press a button of the card: a message on the control channel."""
        self._kernel.send_command(command_message(verb, self.fields()["uid"]))

    def send_on_comm(self, verb: Verb) -> None:
        """Press a button where there is no control channel."""
        content = command_message(verb, self.fields()["uid"])
        self._kernel.send_comm(self._comm_id, {"method": "custom", "content": content})

    def wait_for(self, **wanted: Any) -> None:
        """Wait until the card shows these fields of the snapshot."""
        self._kernel.wait_until(lambda: wanted.items() <= self.fields().items(), f"a card with {wanted}")

    def wait_for_steps(self, field: str, count: int) -> None:
        """Wait until another ``count`` values of a field were shown."""
        before = len(self.seen(field))
        self._kernel.wait_until(lambda: len(self.seen(field)) >= before + count, f"{count} steps of {field}")

    def fields(self) -> Message:
        """The snapshot that the card shows now."""
        shown: Message = {}
        for change in self._changes():
            shown |= change
        return shown

    def seen(self, field: str) -> list[Any]:
        """The values that the card has shown of a field, without repetitions."""
        values = [change[field] for change in self._changes() if field in change]
        return [value for index, value in enumerate(values) if index == 0 or values[index - 1] != value]

    def _changes(self) -> Iterator[Message]:
        for message in self._kernel.messages:
            if message["msg_type"] in ("comm_open", "comm_msg") and message["content"]["comm_id"] == self._comm_id:
                state = message["content"]["data"].get("state", {})
                yield {**state, **state.get("_snapshot_rest", {})}


def _opens_card(message: Message) -> bool:
    return message["msg_type"] == "comm_open" and "_snapshot_rest" in message["content"]["data"]["state"]
