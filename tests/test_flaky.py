"""The tool that repeats tests: it finds a test that fails, hides nothing, and leaves no load behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import flaky

#: Fails in the second of its runs.
SECOND_FAILS = """
from pathlib import Path

def test_it():
    runs = Path({runs!r})
    runs.write_text(runs.read_text() + ".")
    assert len(runs.read_text()) != 2
"""


def test_a_test_that_fails_in_one_run_of_three_makes_the_whole_fail(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs, test = tmp_path / "runs", tmp_path / "test_now_and_then.py"
    runs.write_text("")
    test.write_text(SECOND_FAILS.format(runs=str(runs)))

    status = flaky.main([str(test), "3", "--busy", "1", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"])

    assert (status, runs.read_text()) == (1, "...")
    assert "run 3 of 3: passed, 1 failed so far" in capfd.readouterr().out


def test_the_load_ends_with_its_block() -> None:
    with flaky.load(2) as busy:
        assert [process.poll() for process in busy] == [None, None]

    assert all(process.returncode is not None for process in busy)
