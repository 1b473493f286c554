"""Each folder here is tested in an environment of its own, with the packages of its ``requirements.txt``."""

from __future__ import annotations

import os
from pathlib import Path

_HERE = Path(__file__).parent
_WANTED = os.environ.get("PRIMWIDGETS_PROVIDERS", "")

#: In the common environment nothing here is collected.
collect_ignore = [str(folder) for folder in _HERE.iterdir() if folder.is_dir() and folder.name != _WANTED]
