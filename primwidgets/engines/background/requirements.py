"""Checks that the packages are there which only this engine needs."""

from __future__ import annotations

from importlib.util import find_spec

from primwidgets.errors import EngineError

if missing := [name for name in ("cloudpickle", "filelock", "huey", "jupyter_core") if find_spec(name) is None]:
    raise EngineError(f'engine="background" needs {", ".join(missing)}: pip install "primwidgets[background]"')
