"""``make fuzz`` where atheris is installed: messages that are changed towards code that has not run yet.

The targets are those of ``fuzz``. libFuzzer chooses the bytes, and hypothesis makes messages of them, so that they are
close to valid ones. It ends the process with an error at the first message that makes anything raise, or that changes
the job.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import atheris
import comm
from hypothesis import HealthCheck, given, settings

with atheris.instrument_imports(include=["primwidgets"]):
    from tests.long.fuzz import MESSAGES, SilentComm, Targets


def main() -> None:
    """Send the given number of messages to all places in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with patch.object(comm, "create_comm", SilentComm):
        targets = Targets()
        places = (targets.to_protocol, targets.to_hub, targets.to_widget, targets.to_traits, targets.to_snapshot)
        options = [f"-runs={chosen.messages}", f"-seed={chosen.seed}", "-len_control=0", "-max_len=4096"]
        atheris.Setup([sys.argv[0], *options], _attack(targets, places))
        atheris.Fuzz()


def _attack(targets: Targets, places: tuple[Callable[[Any], None], ...]) -> Callable[[bytes], None]:
    @settings(deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(MESSAGES)
    def attack(message: Any) -> None:
        for place in places:
            place(message)
        targets.check()

    def send(data: bytes) -> None:
        attack.hypothesis.fuzz_one_input(data)  # type: ignore[attr-defined]

    return send


if __name__ == "__main__":
    main()
