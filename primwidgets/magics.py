"""``%%job`` runs a cell in the background, ``%jobs`` lists the jobs of this kernel.

After ``%load_ext primwidgets``. Magics are a part of IPython, so besides ``kernel`` this module imports it; it is
imported only by IPython's own ``%load_ext``.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from keyword import iskeyword
from types import CodeType
from typing import Any, Final

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from primwidgets.job_history import History, history
from primwidgets.job_list import LIVE, JobList, jobs
from primwidgets.snapshot import JobState
from primwidgets.submit import submit
from primwidgets.widget_job import WidgetJob

#: Lists the jobs of the ledger.
_ALL: Final = "--all"
_JOBS_WORDS: Final = (_ALL, LIVE, *(state.value.lower() for state in JobState))


def register(shell: Any) -> None:
    """Give ``shell`` the magics and their completion."""
    shell.register_magics(JobMagics)
    shell.set_hook("complete_command", _complete_jobs, str_key="%jobs")


@magics_class
class JobMagics(Magics):
    """The magics of primwidgets."""

    shell: Any  # never None here, and partly without types

    @no_var_expand
    @cell_magic
    def job(self, line: str, cell: str) -> WidgetJob[Any, str]:
        """Run the cell in the background, on a thread, and show its card.

        ::

            %%job Fit the model
            for epoch in track(range(10)):
                print(epoch, step(model))
            model.score()

        It has the notebook's names, and what it assigns is there as soon as it is assigned. What it prints is on the
        card and in ``job.output``. The value of a last line that is an expression is the job's ``result()``. A cancel
        stops it at its next ``track``, ``report`` or ``tqdm`` step. There is no top-level ``await``.

        The rest of the first line is the name on the card. If that can be the name of a variable, as in ``%%job fit``,
        the job is also assigned to it, but never in the place of something else than an earlier job. And like any
        value of a cell the job is ``_`` in the next one.
        """
        name = line.strip()
        background = _compiled(self.shell, cell)
        free = _is_free(name, self.shell.user_ns)
        job = submit(background, name=name or f"Cell [{_number(self.shell)}]")
        if free:
            self.shell.push({name: job})
        return job

    @line_magic
    def jobs(self, line: str) -> JobList | History:
        """List the jobs of this kernel, those that are not over first.

        ``%jobs live``, ``%jobs error`` or ``%jobs fit`` lists those that are not over, have failed, or are called so
        or have that tag.
        With a word the members of groups are listed, too.
        ``%jobs --all`` lists those in the ledger, of all kernels, whether or not they still exist; ``%jobs --all error
        fit`` those of them that failed and are called so.
        The value is a list: ``running = %jobs running``, then ``running[0].cancel()``.
        """
        words = line.split()
        if _ALL in words:
            return _from_ledger([word for word in words if word != _ALL])
        return jobs(members=bool(words)).matching(words)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A compiled cell.

    Attributes:
        statements: all of it but for a last expression.
        value: that last expression.
        shell: whose names it uses.
    """

    statements: CodeType
    value: CodeType | None
    shell: Any

    def __call__(self) -> Any:
        """Run it, and return the value of the last expression."""
        names = self.shell.user_global_ns, self.shell.user_ns
        exec(self.statements, *names)
        return None if self.value is None else eval(self.value, *names)


def _compiled(shell: Any, cell: str) -> _Cell:
    """Compile a cell as IPython does, so that tracebacks show its lines, with the numbers that it has in the notebook.

    Raises:
        SyntaxError: it is no Python.
    """
    source = "\n" + shell.transform_cell(cell)  # the line with %%job was its first
    file = shell.compile.cache(source, _number(shell), raw_code=cell)
    tree: Any = shell.transform_ast(shell.compile.ast_parse(source, file))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    value = None if last is None else shell.compile(ast.Expression(last.value), file, "eval")
    return _Cell(shell.compile(tree, file, "exec"), value, shell)


def _number(shell: Any) -> int:
    """The number of the cell that runs; IPython 9 has counted on already."""
    number: int = shell.displayhook.prompt_count
    return number


def _is_free(name: str, names: Mapping[str, Any]) -> bool:
    """Whether ``name`` can be assigned and means nothing yet, or an earlier job."""
    if not name.isidentifier() or iskeyword(name) or hasattr(builtins, name):
        return False
    return name not in names or isinstance(names[name], WidgetJob)


def _from_ledger(words: list[str]) -> History:
    states = [word for word in words if word.lower() in _JOBS_WORDS]
    names = [word for word in words if word not in states]
    return history(state=states[0] if states else None, name=" ".join(names) or None)


def _complete_jobs(_shell: Any, event: Any) -> list[str]:
    return [word for word in _JOBS_WORDS if word.startswith(event.symbol)]
