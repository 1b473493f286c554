"""What tests of groups share."""

# mypy: disable-error-code="operator, union-attr, unused-awaitable"

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from tests.monitored import PATIENCE


def futures(count: int) -> list[Future[int]]:
    return [Future() for _ in range(count)]


def settled(group: Any) -> Any:
    assert group.wait(PATIENCE)
    return group.snapshot


def square(x: int) -> int:
    if x == 3:
        raise ValueError("three")
    return x * x
