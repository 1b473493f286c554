"""Accessibility as axe-core sees it, in the page as it is drawn: with the theme's real colours."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Locator

from tests.browser.server import CHECKOUT

_SCRIPT: Final = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"

#: The rules of WCAG 2.2 at levels A and AA, and axe's own advice.
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# JupyterLab's body is 0 pixels high and hides what overflows, though nothing is hidden: its content is positioned
# absolutely. axe would take the whole page for invisible and check neither contrast nor target size.
_RUN: Final = """async (element, tags) => {
    document.body.style.height = '100vh';
    try {
        const {violations, incomplete} = await axe.run(element, {runOnly: tags});
        return [...violations, ...incomplete];
    } finally {
        document.body.style.height = '';
    }
}"""


def violations(target: Locator) -> list[str]:
    """What axe objects to, or cannot decide, in the element of ``target`` and below: readable texts, best none."""
    page = target.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    return [_text(violation) for violation in target.evaluate(_RUN, _TAGS)]


def _text(violation: dict[str, Any]) -> str:
    places = "\n".join(f"  {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}\n{places}"
