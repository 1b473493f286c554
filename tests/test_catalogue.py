"""The list of adapters, and the table of it in the README."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

import pytest

from primwidgets.adapters import Adapter
from primwidgets.adapters.catalogue import CATALOGUE, Listed

ROOT: Final = Path(__file__).parents[1]
FAMILIES: Final = [one.family for one in CATALOGUE]


def adapter_table() -> Any:
    spec = importlib.util.spec_from_file_location("adapter_table", ROOT / "docs" / "adapter_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_in_the_readme_is_current() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == adapter_table().with_table(readme), "run python docs/adapter_table.py"


@pytest.mark.parametrize("listed", CATALOGUE, ids=lambda listed: listed.adapter)
def test_each_row_names_an_adapter_that_exists(listed: Listed) -> None:
    module, _, name = listed.adapter.partition(":")
    adapter = getattr(importlib.import_module(f"primwidgets.adapters.{module}"), name)
    assert issubclass(adapter, Adapter)
    assert adapter.provider


def test_no_class_is_listed_twice_and_families_stand_together() -> None:
    classes = [job for one in CATALOGUE for job in one.classes]
    assert len(classes) == len(set(classes))
    assert sorted(FAMILIES, key=FAMILIES.index) == FAMILIES
