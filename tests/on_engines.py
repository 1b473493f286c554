"""Functions that engines of a cluster carry out; in a module of their own, which loads little there."""

from __future__ import annotations

import os
from typing import Any


def pass_gate(path: str, result: Any = None) -> Any:
    """Wait until the ``Gate`` at ``path`` is open."""
    pipe = os.open(path, os.O_RDWR)  # not only to read, for that would wait for the other end
    try:
        if not os.path.exists(f"{path}.open"):
            os.read(pipe, 1)
    finally:
        os.close(pipe)
    return result


def pass_one_gate(path: str) -> int:
    return int(pass_gate(path, 3))


def print_and_pass(path: str) -> None:
    print("here", flush=True)
    pass_gate(path)


def pass_and_divide(path: str, divisor: int) -> float:
    pass_gate(path)
    return 1 / divisor
