"""Starts the kernels of the environments that ``make test-kernel`` has made."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.kernel.driver import KernelDriver, real_kernel

#: ``name=interpreter`` per environment, joined as in PATH.
KERNELS = "PRIMWIDGETS_KERNELS"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "interpreter" in metafunc.fixturenames:
        entries = filter(None, os.environ.get(KERNELS, "").split(os.pathsep))
        named = dict(entry.split("=", 1) for entry in entries) or {"none": ""}
        metafunc.parametrize("interpreter", named.values(), ids=[f"ipykernel-{name}" for name in named], scope="module")


@pytest.fixture
def kernel(interpreter: str) -> Iterator[KernelDriver]:
    """A fresh kernel of each environment."""
    if not interpreter:
        pytest.fail(f"{KERNELS} names no kernels; these tests are run by `make test-kernel`", pytrace=False)
    with real_kernel(interpreter) as driver:
        yield driver
