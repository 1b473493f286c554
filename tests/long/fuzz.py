"""``make fuzz``: whatever a frontend, a worker or a file sends, nothing raises and no job changes without a command.

Arbitrary JSON, and valid messages with parts replaced, go to each place that takes messages from outside. What is found
can be repeated: the seed of the run is printed, and hypothesis shrinks what fails.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import patch

import comm
from comm.base_comm import BaseComm
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from primwidgets import JobState, WidgetJob
from primwidgets._jupyter.protocol import PROTOCOL_VERSION, Verb, parse_command
from primwidgets._jupyter.services import hub
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import FakeJob

_WORDS: Final = st.text(max_size=12) | st.sampled_from(
    [*(verb.value for verb in Verb), "primwidgets", "verb", "uid", "arguments", "method", "state", "\ud800", "\u202e"]
)
_SCALARS: Final = st.none() | st.booleans() | st.integers() | st.floats() | _WORDS
_JSON: Final = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=12
)
#: A command of which each part may be wrong. No job has one of these ids, so none of them may have an effect.
_COMMANDS: Final = st.fixed_dictionaries(
    {},
    optional={
        "primwidgets": st.just(PROTOCOL_VERSION) | _SCALARS,
        "verb": st.sampled_from([verb.value for verb in Verb]) | _JSON,
        "uid": st.text(max_size=80) | _JSON,
        "arguments": _JSON,
        "extra": _JSON,
    },
)
MESSAGES: Final = _JSON | _COMMANDS
#: Each message that hypothesis makes is changed step by step, which is many times faster than making new ones.
_VARIANTS: Final = 50
_KEYS: Final = (
    "primwidgets",
    "verb",
    "uid",
    "arguments",
    "state",
    "error",
    "metadata",
    "progress",
    "result_preview",
    "",
)
_PARTS: Final[tuple[Any, ...]] = (
    None,
    True,
    1,
    -1,
    0.5,
    1e308,
    float("nan"),
    10**400,
    "",
    "cancel",
    "x" * 100_000,
    "\ud800",
    [],
    {},
    [[]],
)
_FIELDS: Final = tuple(JobSnapshot(uid="u").to_wire())


class SilentComm(BaseComm):
    """A comm that nobody listens to."""

    def publish_msg(self, *_: object, **__: object) -> None:
        pass


class Targets:
    """A job in the state RUNNING, and the places that take messages for it."""

    def __init__(self) -> None:
        self.fake = FakeJob()
        self.job: WidgetJob[Any, Any] = WidgetJob(self.fake)
        self.fake.move_to(JobState.RUNNING)
        self.job.model_id  # noqa: B018  (opens the comm)

    def to_protocol(self, message: Any) -> None:
        """As ``parse_command`` gets it: it answers with a command that is valid, or with nothing."""
        command = parse_command(message)
        assert command is None or command.verb in Verb

    def to_hub(self, message: Any) -> None:
        """As a message on the control channel or on the hub's comm arrives."""
        hub().receive(message)

    def to_widget(self, message: Any) -> None:
        """As a message on the comm of the card arrives."""
        self.job._handle_custom_msg(message, [])

    def to_traits(self, message: Any) -> None:
        """As a change of the card's traits arrives: the card's own keep their values."""
        if isinstance(message, dict):
            known = {key: value for key, value in message.items() if key in self.job.keys}
            self.job.set_state({**known, "state": "DONE", "cancel_state": message.get("verb"), "progress": 0.5})

    def to_snapshot(self, message: Any) -> None:
        """As a stored snapshot is read; what cannot be one is refused with a ``ValueError`` or ``TypeError``."""
        known = message if isinstance(message, dict) else {}
        stored = {field: known.get(key) for field, key in zip(_FIELDS, list(known) or [""], strict=False)}
        try:
            read = JobSnapshot.from_wire({**known, **stored})
        except (ValueError, TypeError):
            return
        json.dumps(read.to_wire(), allow_nan=False)

    def check(self) -> None:
        """Nothing that came in may have changed the job, and it can still be cancelled."""
        assert self.fake.cancels == 0
        assert (self.job.state, self.job.cancel_state) == ("RUNNING", "NONE")


def _mutated(message: Any, choose: random.Random) -> Any:
    """``message`` with one part replaced, dropped or repeated."""
    if isinstance(message, dict) and message:
        key = choose.choice(list(message))
        rest = {name: value for name, value in message.items() if name != key or choose.random() < 0.8}
        return {**rest, choose.choice([key, *_KEYS]): _mutated(message[key], choose)}
    if isinstance(message, list) and message:
        return [*message, _mutated(choose.choice(message), choose)][: choose.randrange(1, 8)]
    return choose.choice([*_PARTS, message])


def _run(name: str, target: Callable[[Any], None], count: int, start: int) -> None:
    @seed(start)
    @settings(max_examples=-(-count // _VARIANTS), deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(MESSAGES, st.integers(0, 2**32))
    def attack(message: Any, number: int) -> None:
        choose = random.Random(number)
        for _ in range(_VARIANTS):
            target(message)
            message = _mutated(message, choose)

    began = time.monotonic()
    attack()
    print(f"{name}: {count:,} messages in {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Run the given number of messages, an equal share for each place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with patch.object(comm, "create_comm", SilentComm):
        targets = Targets()
        attacks = {
            "protocol": targets.to_protocol,
            "hub": targets.to_hub,
            "comm of a card": targets.to_widget,
            "traits of a card": targets.to_traits,
            "stored snapshots": targets.to_snapshot,
        }
        print(f"seed {chosen.seed}", flush=True)
        for name, target in attacks.items():
            _run(name, target, -(-chosen.messages // len(attacks)), chosen.seed)
            targets.check()
        targets.job.cancel()
        assert targets.fake.cancels == 1
    print("Nothing raised, and no job changed.")


if __name__ == "__main__":
    main()
