from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "labextension" / "scripts" / "generate_wire.py"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_wire", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_frontend_reads_what_the_dataclass_says(generator: ModuleType) -> None:
    assert generator.SCHEMA.read_text("utf-8") == generator.schema_text(), "Run `npm run generate`."


def test_the_golden_snapshots_have_the_fields_of_the_dataclass(generator: ModuleType) -> None:
    assert generator.GOLDEN.read_text("utf-8") == generator.golden_text(), "Run `npm run generate`."
