"""The magics in a real shell of IPython, without a kernel."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from primwidgets import WidgetJob
from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets.job_list import JobList
from tests.monitored import PATIENCE


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "primwidgets")
    shell.user_ns["go"] = threading.Event()
    yield shell
    shell.user_ns["go"].set()
    InteractiveShell.clear_instance()


def run(shell: Any, cell: str) -> Any:
    """Run a cell to its end; its value, or its exception."""
    outcome = shell.run_cell(cell, store_history=True)
    return outcome.error_in_exec or outcome.error_before_exec or outcome.result


def result(job: WidgetJob[Any, Any]) -> Any:
    return job.result(timeout=240)


def test_a_cell_runs_in_the_background_with_the_names_of_the_notebook(shell: InteractiveShell) -> None:
    run(shell, "factor = 3")
    job = run(shell, "%%job Multiply it\ngo.wait()\nproduct = 7 * factor\nproduct + 1")
    assert isinstance(job, WidgetJob)
    assert job.name == "Multiply it"
    assert not job.in_final_state()
    run(shell, "go.set()")
    assert result(job) == 22
    assert shell.user_ns["product"] == 21


def test_the_job_is_the_value_of_the_cell(shell: InteractiveShell) -> None:
    job = run(shell, "%%job\n1 + 1")
    assert job.name == "Cell [1]"
    assert shell.user_ns["_"] is job


@pytest.mark.parametrize("cell", ["x = 1", "x = 1\nif x:\n    x", "def f(): pass", "pass"])
def test_a_cell_that_does_not_end_with_an_expression_has_no_result(shell: InteractiveShell, cell: str) -> None:
    assert result(run(shell, f"%%job\n{cell}")) is None


def test_what_the_cell_prints_is_on_the_card_and_on_a_terminal_with_its_name(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    job = run(shell, "%%job mine\ngo.wait()\nprint('out')\nimport sys; print('err', file=sys.stderr)")
    capsys.readouterr()  # the text of the card, which would have what was printed by then
    shell.user_ns["go"].set()
    result(job)
    assert job.output == "out\nerr\n"
    captured = capsys.readouterr()
    assert "err" not in (captured.out + captured.err).replace("[mine] err\n", "")
    assert "[mine] out\n" in captured.out


def test_a_cell_that_is_no_python_fails_at_once_like_any_other(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(run(shell, "%%job broken\nx = 1\nx = = 2"), SyntaxError)
    shown = capsys.readouterr().out
    assert "x = = 2" in shown
    assert "line 3" in shown
    assert "broken" not in shell.user_ns


def test_a_cell_cannot_await(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(run(shell, "%%job\nimport asyncio\nawait asyncio.sleep(0)"), SyntaxError)
    assert "outside function" in capsys.readouterr().out


def test_the_traceback_of_a_failure_shows_the_lines_of_the_cell(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    job = run(shell, "%%job fails\ndef inner():\n    return 1 / 0\n\ninner()")
    assert job.wait(PATIENCE)
    assert job.state == "ERROR"
    assert "return 1 / 0" in job.error["traceback"]
    assert "line 3, in inner" in job.error["traceback"]
    assert isinstance(run(shell, "fails.result()"), ZeroDivisionError)
    assert "----> 3     return 1 / 0" in as_on_a_terminal(capsys.readouterr().out)


def test_a_function_of_the_cell_can_be_read_and_called_afterwards(shell: InteractiveShell) -> None:
    result(run(shell, "%%job\ndef double(x):\n    return 2 * x"))
    assert run(shell, "double(4)") == 8
    assert run(shell, "import inspect; inspect.getsource(double)") == "def double(x):\n    return 2 * x\n"


def test_magics_and_commands_work_within_the_cell(shell: InteractiveShell) -> None:
    assert result(run(shell, "%%job\nwhere = %pwd\nwhere")) == shell.run_line_magic("pwd", "")


def test_a_future_import_of_the_notebook_holds_in_the_background_too(shell: InteractiveShell) -> None:
    run(shell, "from __future__ import annotations")
    assert result(run(shell, "%%job\ndef f(x: unknown): pass\nf.__annotations__")) == {"x": "unknown"}


def test_a_name_that_can_be_a_variable_is_one(shell: InteractiveShell) -> None:
    first = run(shell, "%%job fit\n1")
    assert shell.user_ns["fit"] is first
    second = run(shell, "%%job fit\n2")
    assert shell.user_ns["fit"] is second


@pytest.mark.parametrize("name", ["fit", "sum", "None", "two words", "$x"])
def test_a_name_that_means_something_else_is_only_on_the_card(shell: InteractiveShell, name: str) -> None:
    run(shell, "def fit():\n    return 'fitted'")
    before = dict(shell.user_ns)
    job = run(shell, f"%%job {name}\nfit()")
    assert result(job) == "fitted"
    assert job.name == name
    assert shell.user_ns["fit"] is before["fit"]
    assert not any(value is job for key, value in shell.user_ns.items() if not key.startswith("_"))


def test_a_cell_can_be_tracked_and_cancelled(shell: InteractiveShell) -> None:
    job = run(
        shell,
        "%%job\nfrom itertools import count\nfrom primwidgets import track\nfor n in track(count()):\n    go.set()",
    )
    assert shell.user_ns["go"].wait(PATIENCE)
    assert job.cancel()
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"


def test_the_jobs_are_listed_those_that_are_not_over_first(shell: InteractiveShell) -> None:
    done = run(shell, "%%job done_before\n1")
    failed = run(shell, "%%job failed_before\n1 / 0")
    assert done.wait(PATIENCE)
    assert failed.wait(PATIENCE)
    live = run(shell, "%%job <b>live</b>\ngo.wait()")
    listed = run(shell, "%jobs")
    mine = [job for job in listed if job in (live, done, failed)]
    assert mine == [live, failed, done]
    assert isinstance(listed, JobList)
    assert "failed_before" in repr(listed)
    assert "&lt;b&gt;live&lt;/b&gt;" in listed._repr_html_()
    assert "<b>" not in listed._repr_html_()


@pytest.mark.parametrize(
    ("words", "found"),
    [("live", "one"), ("running", "one"), ("DONE", "two"), ("two", "two"), ("live tw", ""), ("no", "")],
)
def test_words_choose_among_the_jobs(shell: InteractiveShell, words: str, found: str) -> None:
    one = run(shell, "%%job one\nbegun = True\nwhile not go.wait(0.01): pass")
    two = run(shell, "%%job two\n2")
    assert two.wait(PATIENCE)
    one.observe(lambda _: None, "state")
    started = threading.Event()
    one.job.add_listener(started.set)
    assert one.job.running() or started.wait(PATIENCE)
    assert [job.name for job in run(shell, f"%jobs {words}") if job in (one, two)] == ([found] if found else [])


def test_without_jobs_there_is_a_sentence(shell: InteractiveShell) -> None:
    none = run(shell, "%jobs no-job-is-called-so")
    assert (repr(none), none._repr_html_()) == ("No jobs.", "No jobs.")


def test_a_long_list_is_cut_visibly(shell: InteractiveShell) -> None:
    jobs = JobList([run(shell, "%%job\n1")] * 120)
    assert repr(jobs).endswith("… and 20 more")
    assert jobs._repr_html_().count("<tr>") == 101


def completions(shell: InteractiveShell, text: str) -> set[str]:
    with provisionalcompleter():
        return {one.text for one in shell.Completer.completions(text, len(text))}


def test_the_magics_and_what_jobs_takes_are_completed(shell: InteractiveShell) -> None:
    assert "%%job" in completions(shell, "%%jo")
    assert "%jobs" in completions(shell, "%jo")
    assert completions(shell, "%jobs c") >= {"cancelled"}
    assert completions(shell, "%jobs ") >= {"live", "queued", "running", "done", "cancelled", "error"}


def test_all_lists_the_jobs_of_the_ledger(
    shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIMWIDGETS_LEDGER", str(tmp_path / "jobs.sqlite"))
    failed = run(shell, "%%job broken fit\n1 / 0")
    assert failed.wait(PATIENCE)
    run(shell, "%%job other\n1").wait(PATIENCE)
    assert [entry.name for entry in run(shell, "%jobs --all error fit")] == ["broken fit"]
    assert {"broken fit", "other"} <= {entry.name for entry in run(shell, "%jobs --all")}
