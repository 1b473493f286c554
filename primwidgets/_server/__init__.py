"""The extension of Jupyter's server: lists and forgets jobs of the ledger, also while no kernel runs.

Jupyter's server imports this package when it starts. Nothing else imports it, and it imports neither widgets nor what
runs in a kernel. ``jupyter_server`` is no dependency of primwidgets: it is there where this is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the handlers, and have pages know that they are there; called by Jupyter's server."""
    from primwidgets._server.handlers import handlers

    server.web_app.add_handlers(".*$", handlers(server.base_url))
    server.web_app.settings.setdefault("page_config_data", {})["primwidgetsJobs"] = True
