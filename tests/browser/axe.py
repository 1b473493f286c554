"""Accessibility as axe-core sees it, in the page as it is drawn: with the theme's real colours."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Locator

from tests.browser.server import CHECKOUT

_SCRIPT: Final = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"

#: The rules of WCAG 2.2 at levels A and AA, and axe's own advice.
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(target: Locator) -> list[str]:
    """What axe objects to in the element of ``target`` and below: one readable text each, best empty."""
    page = target.page
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated, not added as a script element: JupyterLab's module loader would take it for its own.
        page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    found = target.evaluate("async (element, tags) => (await axe.run(element, {runOnly: tags})).violations", _TAGS)
    return [_text(violation) for violation in found]


def _text(violation: dict[str, Any]) -> str:
    places = "\n".join(f"  {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}\n{places}"
