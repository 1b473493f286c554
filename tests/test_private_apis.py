"""What the package uses of other libraries without their promise is written down, with the test that would fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "private-apis.md"
_PRIVATE: Final = re.compile(r"_[a-zA-Z]\w*")


def used_in(tree: ast.AST) -> Iterator[str]:
    """The private names that are asked of objects, by attribute or by ``getattr``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"getattr", "hasattr"}:
            yield from (part.value for part in node.args if isinstance(part, ast.Constant) and type(part.value) is str)


def defined_in(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives to something itself."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


#: Public in spite of its name.
_PUBLIC: Final = {"_exit", "_fields"}


def foreign_names() -> set[str]:
    """The private names that the package uses and defines nowhere."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (ROOT / "primwidgets").rglob("*.py")]
    used = {name for tree in trees for name in used_in(tree) if _PRIVATE.fullmatch(name)}
    return used - _PUBLIC - {name for tree in trees for name in defined_in(tree)}


def rows() -> list[list[str]]:
    """The rows of the tables of the document, without their headings."""
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def test_every_private_name_of_another_library_is_in_the_document() -> None:
    documented = set(re.findall(r"`[\w.]*?(_[a-zA-Z]\w*)(?:\(\))?`", " ".join(row[0] for row in rows())))
    assert foreign_names() - documented == set()


def test_every_test_that_the_document_names_exists() -> None:
    named = [re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row[-1]) for row in rows()]
    assert all(named), "a row names no test"
    for path, function in (one for row in named for one in row):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not function or re.search(rf"(def|class) {function}\b", text), f"{path}::{function}"
