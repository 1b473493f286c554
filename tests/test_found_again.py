"""What a card puts into a new cell is the code that primwidgets itself writes, with texts of the file in literals."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.found_again import reattach_code

CASES = json.loads((Path(__file__).parent / "golden" / "reattach.json").read_text("utf-8"))
CALLED = {
    "WidgetJob",
    "QiskitRuntimeService",
    "QiskitRuntimeService().job",
    "Cluster.from_file",
    "get_result",
    "job",
    "connect_client_sync",
    "find_background_job",
}


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_golden_locators_have_their_golden_code(case: Mapping[str, object]) -> None:
    locator, code = case["locator"], case["code"]
    assert locator is None or isinstance(locator, dict)
    assert reattach_code(locator) == code


@pytest.mark.parametrize("case", [case for case in CASES if case["code"]], ids=lambda case: case["case"])
def test_texts_of_a_locator_are_literals_and_nothing_else_is_called(case: Mapping[str, object]) -> None:
    locator, code = case["locator"], case["code"]
    assert isinstance(locator, dict)
    assert isinstance(code, str)
    tree = ast.parse(code)
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert {call.attr if isinstance(call, ast.Attribute) else ast.unparse(call) for call in calls} <= CALLED | {
        "from_file"
    }
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert texts <= set(locator.values())
    assert len(code.splitlines()) == 5
