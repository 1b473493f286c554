"""Imports go one way, and what is foreign is named in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "primwidgets"

#: Each module may import those before it. A new module needs a place here.
ORDER = (
    "_runtime",
    "errors",
    "primitive_job",
    "wire",
    "result_preview",
    "snapshot",
    "border",
    "terminal_text",
    "terminal_line",
    "loops",
    "progress",
    "switches",
    "notebook_io",
    "printing",
    "tqdm_bars",
    "protocol",
    "clock",
    "adapters",
    "transitions",
    "lane",
    "workers",
    "delivery",
    "watched_job",
    "provider_calls",
    "engines",
    "monitor",
    "hub",
    "interrupts",
    "waiting_line",
    "waiting",
    "running_kernel",
    "kernel",
    "cells",
    "formats",
    "text_card",
    "kept_card",
    "card_widget",
    "observed_changes",
    "stored_outputs",
    "process",
    "stand_in_class",
    "stand_in",
    "boxes",
    "widget_job",
    "job_list",
    "submit",
    "magics",
    "primitives",
    "simulated",
    "testing",
)
DEPENDENCIES = {"anywidget", "comm", "ipywidgets", "nest_asyncio2", "traitlets"}
#: Who may know these; nobody else imports them, not even within a function.
ONLY_IN = {
    "IPython": {"kernel.py", "magics.py"},  # the latter is loaded by IPython itself, and magics are classes of its own
    "ipykernel": {"kernel.py"},
    "asyncio": {
        "waiting.py",
        "adapters/asyncio.py",
        "kernel.py",
    },  # the last for the loop of ipykernel's control thread
    "nest_asyncio2": {"waiting.py"},
    "rich": {"terminal_line.py"},
    "tqdm": set(),  # tqdm_bars.py takes it from sys.modules
    "cloudpickle": {
        "engines/remote.py",
        "engines/sealed.py",
        "primitives/sharding.py",
    },
    "numpy": {"primitives/seeds.py"},
    "qiskit": {f"primitives/{name}.py" for name in ("drop_in", "parallel", "parallel_job", "seeds", "sharding")},
    "distributed": {"adapters/dask.py", "engines/dask.py", "engines/dask_worker.py"},
    "dask": {"adapters/dask.py", "engines/dask.py"},
    "ipyparallel": {"adapters/ipyparallel.py", "engines/ipyparallel.py", "engines/ipyparallel_worker.py"},
}
#: Layers that have a file for each provider.
BY_PROVIDER = ("adapters", "engines", "primitives")
PROVIDERS = ("qiskit", "braket", "ionq", "dask", "ipyparallel", "pennylane", "cirq")

FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def layer_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(file: Path) -> Iterator[str]:
    """The modules that ``file`` imports when it runs."""
    tree = ast.parse(file.read_text("utf-8"))
    for_types_only = {id(inner) for node in ast.walk(tree) if _is_type_checking(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in for_types_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "primwidgets":
            yield from (f"primwidgets.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def texts_of(file: Path) -> Iterator[str]:
    """All names and texts in ``file`` but for docstrings and comments."""
    tree = ast.parse(file.read_text("utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
    yield from imports_of(file)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("file", [file for file in FILES if layer_of(file) != "__init__"], ids=name_of)
def test_a_module_imports_only_those_before_it(file: Path) -> None:
    own = layer_of(file)
    allowed = {*ORDER[: ORDER.index(own)], own}
    used = {name.split(".")[1] for name in imports_of(file) if name.startswith("primwidgets.")}
    assert used <= allowed


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_module_imports_only_what_is_declared(file: Path) -> None:
    foreign = {name.split(".")[0] for name in imports_of(file)} - sys.stdlib_module_names - DEPENDENCIES
    assert foreign <= {"primwidgets", *(name for name, where in ONLY_IN.items() if name_of(file) in where)}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_kernel_and_event_loop_are_known_to_one_module_each(file: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(file)}
    assert {name for name in roots & set(ONLY_IN) if name_of(file) not in ONLY_IN[name]} == set()


@pytest.mark.parametrize("file", [file for file in FILES if layer_of(file) not in BY_PROVIDER], ids=name_of)
def test_no_provider_is_named_outside_the_adapters_and_engines(file: Path) -> None:
    named = [text for text in texts_of(file) if any(provider in text.lower() for provider in PROVIDERS)]
    assert named == []


@pytest.mark.parametrize("file", [file for file in FILES if name_of(file) != "_runtime.py"], ids=name_of)
def test_only_the_runtime_knows_when_the_process_forks_and_ends(file: Path) -> None:
    assert not {"atexit", "register_at_fork"} & set(texts_of(file))


def test_importing_the_package_and_wrapping_a_future_loads_no_provider() -> None:
    script = """
import sys
from concurrent.futures import Future
import primwidgets
primwidgets.WidgetJob(Future())
foreign = {"qiskit", "qiskit_aer", "qiskit_ibm_runtime", "numpy", "ipykernel", "ipyparallel", "dask", "distributed"}
print(sorted(name for name in sys.modules if name.partition(".")[0] in foreign))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"


def test_what_a_worker_imports_loads_no_widgets() -> None:
    script = (
        "import sys, primwidgets.engines._remote.call; print({'ipywidgets', 'traitlets', 'asyncio'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "set()"


def test_every_public_name_can_be_had_and_is_listed() -> None:
    script = """
import primwidgets
names = dir(primwidgets)
assert set(primwidgets.__all__) <= set(names)
from primwidgets import *
from primwidgets import submit, WidgetJob
assert all(globals()[name] is getattr(primwidgets, name) for name in primwidgets.__all__)
assert WidgetJob.__name__ == "WidgetJob" and submit.__name__ == "submit" and primwidgets.submit is submit
assert not hasattr(primwidgets, "nothing")
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_primitives_are_had_without_asking_for_their_module_and_load_the_provider_only_then() -> None:
    script = """
import sys, primwidgets
assert {"watch", "ParallelSampler", "ParallelEstimator"} <= set(dir(primwidgets))
primwidgets.WidgetJob
assert "qiskit" not in sys.modules
from primwidgets import ParallelEstimator, ParallelSampler, watch
import primwidgets.primitives
assert primwidgets.watch is primwidgets.primitives.watch is watch
assert ParallelSampler is primwidgets.primitives.ParallelSampler
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
