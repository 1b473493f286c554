"""Imports go one way, and what is foreign is named in one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "primwidgets"

#: Each room (a folder or a module of the package) may import those before it. A new room needs a place here.
ORDER = (
    "_runtime",
    "_forwarding",
    "errors",
    "primitive_job",
    "wire",
    "failure_report",
    "result_preview",
    "series",
    "snapshot",
    "_border",
    "tracebacks",
    "traceback_text",
    "_settings",
    "_clock",
    "_threads",
    "_progress",
    "adapters",
    "previews",
    "_monitor",
    "engines",
    "_ledger",
    "_server",
    "_jupyter",
    "widget_job",
    "job_list",
    "job_history",
    "submit",
    "groups",
    "job_board",
    "magics",
    "primitives",
    "simulated",
    "testing",
)
DEPENDENCIES = {"anywidget", "comm", "ipywidgets", "traitlets", "typing_extensions"}
#: Who may know these; nobody else imports them, not even within a function.
ONLY_IN = {
    # Magics are classes of IPython's own, and IPython itself loads their module.
    "IPython": {"_jupyter/kernel.py", "magics.py"},
    "ipykernel": {"_jupyter/kernel.py"},
    # The kernel module needs it for the loop of ipykernel's control thread.
    "asyncio": {
        "_monitor/event_loops.py",
        "_monitor/loop_waiting.py",
        "adapters/asyncio.py",
        "adapters/awaited_jobs.py",
        "_jupyter/kernel.py",
        "groups/completion.py",
    },
    "rich": {"_progress/terminal_line.py"},
    "tqdm": set(),  # tqdm_bars.py takes it from sys.modules
    "cloudpickle": {"engines/_remote/call.py", "engines/_remote/pickled.py", "primitives/sharding.py"},
    "filelock": {"engines/background/files.py", "engines/background/service.py"},
    "jupyter_core": {"engines/background/files.py"},
    "huey": {"engines/background/service.py"},
    # Jupyter's server itself imports these.
    "jupyter_server": {"_server/__init__.py", "_server/handlers.py"},
    "tornado": {"_server/handlers.py"},
    "numpy": {"primitives/seeds.py"},
    "qiskit": {f"primitives/{name}.py" for name in ("drop_in", "parallel", "parallel_job", "seeds", "sharding")},
    "distributed": {"adapters/dask.py", "engines/dask/engine.py", "engines/dask/worker.py"},
    "dask": set(),
    "ipyparallel": {"adapters/ipyparallel.py", "engines/ipyparallel/engine.py", "engines/ipyparallel/worker.py"},
}
#: Rooms that have a file for each provider.
BY_PROVIDER = ("adapters", "engines", "primitives")
PROVIDERS = ("qiskit", "braket", "ionq", "dask", "ipyparallel", "pennylane", "cirq")

FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = {".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__") for file in FILES}


def name_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports_of(file: Path) -> tuple[str, ...]:
    """The modules that ``file`` imports, also within functions and for type checkers only."""
    return tuple(_imports_of(file))


def _imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            # What is imported from a package is a module of it, or something that the package itself has.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            submodules = [name for name in names if name in MODULES]
            yield from submodules
            if len(submodules) < len(names):
                yield node.module
        elif isinstance(node, ast.ImportFrom):
            yield "."


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


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) != "__init__"], ids=name_of)
def test_a_module_imports_only_rooms_before_its_own(file: Path) -> None:
    own = room_of(file)
    allowed = {*ORDER[: ORDER.index(own)], own}
    used = {name.split(".")[1] for name in imports_of(file) if name.startswith("primwidgets.")}
    assert used <= allowed


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name_of(file): set(imports_of(file)) & MODULES for file in FILES if room_of(file) != "__init__"}
    by_module = {
        ".".join(("primwidgets", *Path(name).with_suffix("").parts)).removesuffix(".__init__"): imports
        for name, imports in graph.items()
    }
    try:
        TopologicalSorter(by_module).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]), pytrace=False)


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_module_imports_only_what_is_declared(file: Path) -> None:
    foreign = {name.split(".")[0] for name in imports_of(file)} - sys.stdlib_module_names - DEPENDENCIES
    assert foreign <= {"primwidgets", *(name for name, where in ONLY_IN.items() if name_of(file) in where)}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_kernel_and_event_loop_are_known_to_few_modules(file: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(file)}
    assert {name for name in roots & set(ONLY_IN) if name_of(file) not in ONLY_IN[name]} == set()


def test_every_exception_from_the_rules_is_needed() -> None:
    unused = [
        (name, file)
        for name, where in ONLY_IN.items()
        for file in where
        if name not in {imported.split(".")[0] for imported in imports_of(PACKAGE / file)}
    ]
    assert [pair for pair in unused if pair not in KNOWN_BY_NAME_ONLY] == []


#: They take the module from ``sys.modules`` or name it in a text only.
KNOWN_BY_NAME_ONLY = {("IPython", "_jupyter/kernel.py"), ("ipykernel", "_jupyter/kernel.py")}


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) not in BY_PROVIDER], ids=name_of)
def test_no_provider_is_named_outside_the_adapters_and_engines(file: Path) -> None:
    named = [text for text in texts_of(file) if any(provider in text.lower() for provider in PROVIDERS)]
    assert named == []


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) != "_runtime"], ids=name_of)
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
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert run.stdout.strip() == "[]"


def test_what_a_worker_imports_loads_no_widgets() -> None:
    script = (
        "import sys, primwidgets.engines._remote.call; print({'ipywidgets', 'traitlets', 'asyncio'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
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
    subprocess.run([sys.executable, "-c", script], check=True, timeout=240)


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
    subprocess.run([sys.executable, "-c", script], check=True, timeout=240)
