"""Runs the recipes of ``docs/recipes.md`` as a notebook would, with the names that they take for granted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

_RECIPES: Final = Path(__file__).parents[2] / "docs" / "recipes.md"


def run_recipe(heading: str, **given: Any) -> dict[str, Any]:
    """The names that a recipe leaves behind.

    Args:
        heading: the one above its code.
        **given: what the recipe does not define, such as the provider's client.
    """
    pattern = rf"^## {re.escape(heading)}\n.*?^```python\n(.*?)^```"
    found = re.search(pattern, _RECIPES.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"no recipe {heading!r}"
    names = {"__name__": "recipe", **given}
    exec(compile(found.group(1), f"recipe {heading}", "exec"), names)
    return names
