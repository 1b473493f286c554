"""Cells that block a kernel until they are interrupted.

Python misses an interrupt that comes just as its main thread begins to sleep or to wait: the signal only leaves a
note, which Python looks at when the thread wakes. Beside two busy processes that happened to one interrupt in fifteen.
So none of these cells sleeps for long.
"""

from __future__ import annotations

from typing import Final

SLEEP: Final = "import time\nwhile True: time.sleep(0.2)"
LOOP: Final = "while True: pass"
WAIT: Final = "import threading\nwhile not threading.Event().wait(0.2): pass"
