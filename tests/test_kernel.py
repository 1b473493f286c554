"""Without a kernel: a script, a terminal, another carrier of comms. With one: ``tests/kernel``."""

from __future__ import annotations

import subprocess
import sys

import pytest

from primwidgets._jupyter import kernel

REPORT = """
from primwidgets._jupyter.kernel import accept_commands, in_kernel, publish_display
print(in_kernel(), accept_commands(print))
publish_display({"text/plain": "shown"}, {}, "d", update=False)
publish_display({"text/plain": "replaced"}, {}, "d", update=True)
"""


def run_python(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, timeout=240).stdout


def test_a_script_has_no_kernel_and_shows_nothing() -> None:
    assert run_python("-c", REPORT) == "False False\n"


def test_a_script_that_imported_ipykernel_has_no_kernel() -> None:
    assert run_python("-c", f"import ipykernel.ipkernel\n{REPORT}") == "False False\n"


def test_a_terminal_has_no_kernel_and_shows_text_once() -> None:
    printed = run_python("-m", "IPython", "--no-banner", "--colors=NoColor", "-c", REPORT)
    assert printed.split() == ["False", "False", "shown"]


def test_asking_for_a_kernel_imports_nothing_of_jupyter() -> None:
    alone = f"import runpy, sys; alone = runpy.run_path({kernel.__file__!r})"  # the package as a whole has widgets
    listing = "alone['in_kernel'](), sorted({'IPython', 'ipykernel', 'zmq', 'comm'} & set(sys.modules))"
    assert run_python("-c", f"{alone}; print({listing})") == "False []\n"


@pytest.mark.parametrize("maker", ["type('LabComm', (), {'__module__': 'marimo.comm'})", "functools.partial(print)"])
def test_comms_that_something_else_carries_count_as_a_kernel_without_control_channel(maker: str) -> None:
    assert run_python("-c", f"import comm, functools\ncomm.create_comm = {maker}\n{REPORT}") == "True False\n"
