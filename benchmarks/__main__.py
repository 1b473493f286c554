"""Measures primwidgets beside stock widgets, in one run, and prints what it saw.

Each row is one measurement. ``ours`` and ``peer`` were taken in the same process or page, a moment apart, so that their
ratio holds on a slower or busier machine too; ``ours/peer`` below 1 means that primwidgets is faster. Latencies are
given as ``median / 95th percentile (number of samples)``. ``met`` compares with the target of the project. A missed
target is no error, since a busy machine misses it as well: look at the load in the second line, and run again when it
is quiet.
"""

from __future__ import annotations

import argparse
import os
import platform
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.report import write_report
from benchmarks.table import printed_tables

_BENCHMARKS: Final = {
    "dask_progress": "what a thousand tasks of Dask cost on one card",
    "click": "from a click in JupyterLab to the provider's cancel()",
    "ledger": "what it costs to note a job in the ledger",
    "paint": "from a change of a job to the card that shows it",
    "primitives": "a sampler's call with many PUBs, sharded over processes and over Dask",
    "progress": "what a step of a loop costs with a progress bar",
    "reload": "from a reload of the page to a live card, while a cell runs",
    "series": "what a report of numbers costs, 10,000 a second",
    "size": "what a page has to load",
    "submit": "what it costs to submit a function",
    "thousands": "what thousands of live jobs cost a kernel",
    "wrap": "what it costs to wrap a job and to show its card",
}
_ALL: Final = "all"
_PACKAGES: Final = ("ipykernel", "jupyterlab", "ipywidgets", "anywidget")


def main() -> None:
    """Run the benchmarks that the command line names, all without any."""
    arguments = _arguments().parse_args()
    machine = _machine()
    print(machine)
    for name in _BENCHMARKS if _ALL in arguments.benchmark else arguments.benchmark:
        import_module(f"benchmarks.{name}").main()  # only now, since most of them need a browser
        if arguments.results is not None:
            write_report(arguments.results, machine, printed_tables)  # after each, so that a long run leaves something


def _arguments() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:14} {text}" for name, text in _BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"{__doc__}\nbenchmarks:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "benchmark",
        nargs="*",
        help=f"one of those above, or {_ALL}, the default",
        default=_ALL,
        choices=[*_BENCHMARKS, _ALL],
        metavar="name",
    )
    parser.add_argument("--results", type=Path, help="write a report into this Markdown file, with a picture beside it")
    return parser


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return f"Python {platform.python_version()}, {packages}\n{os.cpu_count()} processors, load {load} (1, 5, 15 min)"


if __name__ == "__main__":
    main()
