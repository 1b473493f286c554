"""Loads a page again and notes when it has what its reader waits for."""

from __future__ import annotations

from typing import Final

from tests.browser.lab import NotebookPage

# Notes when the page has its first cell, its connection to the kernel, its first card, a card that can cancel, and the
# first stock progress bar: milliseconds since the page began to load.
_WATCH: Final = """() => {
    const seen = window.seenAt = {};
    const marks = {
        cell: '.jp-Notebook .jp-Cell',
        card: '.primwidgets-JobCard',
        live: '.primwidgets-JobCard:not([data-outdated]) .primwidgets-JobCard-actions button',
        stock: '.widget-hprogress .progress-bar',
    };
    new MutationObserver(() => {
        for (const [name, selector] of Object.entries(marks)) {
            if (!(name in seen) && document.querySelector(selector)) seen[name] = performance.now();
        }
    }).observe(document, {subtree: true, childList: true, attributes: true});
    window.WebSocket = class extends WebSocket {
        constructor(url, ...rest) {
            super(url, ...rest);
            if (url.includes('/channels')) {
                this.addEventListener('open', () => seen.connected ??= performance.now());
            }
        }
    };
}"""


def time_reloads(notebook: NotebookPage) -> None:
    """Have the page note, whenever it is loaded from now on, when it has what; once is enough."""
    notebook.page.add_init_script(f"({_WATCH})()")


def reload_and_time(notebook: NotebookPage, until: str = "live") -> dict[str, float]:
    """Load the page again, while the kernel is busy.

    Args:
        notebook: a notebook whose page ``time_reloads`` prepared.
        until: what to wait for: ``live``, or ``stock``.

    Returns:
        when each thing was there, in milliseconds since the page began to load.
    """
    notebook.reload(kernel_busy=True)
    notebook.page.wait_for_function("until => until in window.seenAt", arg=until)
    seen: dict[str, float] = notebook.page.evaluate("() => window.seenAt")
    return seen
