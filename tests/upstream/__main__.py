"""Run other people's tests bare, with one frame more, and on wrapped jobs, and tell the differences.

``python -m tests.upstream [NAME…]``. Each suite has an environment of its own below ``.make/upstream``; the tests come
from what is installed there, from Python's own ``test`` package, or from a source distribution. What cannot be had that
way is left out and named.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.upstream.suites import LEFT_OUT, SUITES, Suite

ROOT = Path(__file__).parents[2]
PLACE = Path(os.environ.get("PRIMWIDGETS_UPSTREAM_PLACE", ROOT / ".make" / "upstream"))
#: Longest that one run of a suite may take, in seconds.
PATIENCE = 1800


@dataclass(frozen=True, slots=True)
class Run:
    """How one run of a suite went.

    Attributes:
        passed: how many tests passed.
        failed: the names of those that did not.
        wrapped: how many jobs were wrapped.
        seconds: of processor time.
    """

    passed: int
    failed: frozenset[str]
    wrapped: int
    seconds: float


def main(names: list[str]) -> int:
    """Run the suites with these names, or all; the number of differences without a reason."""
    unexplained = 0
    print("| suite | bare | control | wrapped | jobs | processor time |\n|---|---|---|---|---|---|")
    for suite in SUITES:
        if names and suite.name not in names:
            continue
        try:
            python, folder = prepare(suite)
        except (subprocess.CalledProcessError, StopIteration) as error:
            print(f"| {suite.name} | left out: {type(error).__name__} while it was fetched | | | | |")
            continue
        bare = run(suite, python, folder, "bare")
        if not bare.passed:
            print(f"| {suite.name} | left out: no test of it passes here; see {folder} | | | | |")
            continue
        control, wrapped = (run(suite, python, folder, mode) for mode in ("control", "wrapped"))
        ratio = wrapped.seconds / max(bare.seconds, 0.001)
        counts = f"{bare.passed} | {control.passed} | {wrapped.passed} | {wrapped.wrapped}"
        print(f"| {suite.name} | {counts} | {ratio:.2f} |")
        for test, reason in differences(suite, control, wrapped):
            print(f"  - {test}: {reason or 'NO REASON KNOWN'}")
            unexplained += reason is None
    for name, why in LEFT_OUT.items():
        print(f"| {name} | left out: {why} | | | | |")
    return unexplained


def prepare(suite: Suite) -> tuple[Path, Path]:
    """The Python of the environment of ``suite``, and the folder to run its tests in."""
    place = PLACE / re.sub(r"\W+", "-", suite.name)
    python, folder = place / "venv" / "bin" / "python", place / "tests"
    if not (place / "ready").exists():
        venv.create(place / "venv", with_pip=True, clear=True)
        folder.mkdir(exist_ok=True)
        pip = [str(python), "-m", "pip", "-q"]
        needs = ["anywidget", "comm", "ipywidgets", "traitlets", "typing-extensions", "pytest", *suite.needs]
        subprocess.run([*pip, "install", *needs], check=True)
        if suite.sdist is not None:
            wanted = f"{suite.sdist}=={_version(python, suite.sdist)}"
            source = ["download", "--no-deps", "--no-binary", suite.sdist, wanted, "-d", str(place)]
            subprocess.run([*pip, *source], check=True)
            _unpack(suite, place, folder)
        (place / "ready").touch()
    return python, folder


def run(suite: Suite, python: Path, folder: Path, mode: str) -> Run:
    """One run of the tests of ``suite``."""
    count = folder / f"count-{mode}"
    count.write_text("0")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            (str(folder), str(Path(__file__).parent), str(ROOT))
        ),  # some have a folder "tests"
        "PRIMWIDGETS_UPSTREAM_MODE": mode,
        "PRIMWIDGETS_UPSTREAM_CALLS": " ".join(suite.calls),
        "PRIMWIDGETS_UPSTREAM_COUNT": str(count),
        "PRIMWIDGETS_UPSTREAM_UNWATCHED": "1" if suite.unwatched else "",
    }
    where = suite.tests if suite.sdist else ("--pyargs", *suite.tests)
    options = ("-q", "-p", "wrap_jobs", "-p", "no:cacheprovider", "-W", "ignore", "-rfE", "--tb=no")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(
        [str(python), "-m", "pytest", *options, "-c", os.devnull, "--rootdir", str(folder), *suite.options, *where],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    ).stdout  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (folder / f"output-{mode}.txt").write_text(told)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    passed = re.search(r"(\d+) passed", told)
    failed = frozenset(re.findall(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE))
    return Run(int(passed[1]) if passed else 0, failed, int(count.read_text()), seconds)


def differences(suite: Suite, control: Run, wrapped: Run) -> Iterator[tuple[str, str | None]]:
    """The tests that fail on wrapped jobs alone, each with the reason if it is known."""
    for test in sorted(wrapped.failed - control.failed):
        yield test, next((reason for part, reason in suite.reasons.items() if part in test), None)


def _version(python: Path, package: str) -> str:
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def _unpack(suite: Suite, place: Path, folder: Path) -> None:
    """Copy the tests out of the source distribution, so that the package itself is the one that is installed."""
    archive = next(place.glob("*.tar.gz"))
    with tarfile.open(archive) as source:
        root = source.getnames()[0].partition("/")[0]
        for member in source.getmembers():
            name = member.name.removeprefix(f"{root}/")
            if name == "conftest.py" or name.startswith(f"{suite.folder}/"):
                parent = Path(suite.folder).parent.as_posix()
                member.name = name.removeprefix(f"{parent}/")
                source.extract(member, folder, filter="data")


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 100))
