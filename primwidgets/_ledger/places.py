"""Where the ledger's file is, and in which notebook this process works."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from primwidgets._settings import settings

#: The environment variable with the path of the ledger's file; ``off`` for none.
VARIABLE: Final = "PRIMWIDGETS_LEDGER"
_OFF: Final = ("off", "0", "no", "false")
_NAME: Final = "jobs.sqlite"


def ledger_path() -> Path | None:
    """The ledger's file; ``None`` if there is to be none: by the setting, the variable, or since this is a browser."""
    setting = os.environ.get(VARIABLE, "")
    if not settings.ledger or setting.lower() in _OFF or sys.platform == "emscripten":
        return None
    return Path(setting).expanduser() if setting else _jupyter_data() / "primwidgets" / _NAME


def notebook_path() -> str | None:
    """The path of this kernel's notebook; ``None`` unless Jupyter's server has set ``JPY_SESSION_NAME``."""
    return os.environ.get("JPY_SESSION_NAME") or None


def _jupyter_data() -> Path:
    """Jupyter's directory for the data of this user, where ``jupyter_core`` has it, too."""
    if directory := os.environ.get("JUPYTER_DATA_DIR"):
        return Path(directory)
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Jupyter"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming") / "jupyter"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "jupyter"
