"""The process that runs one background call: ``python -m primwidgets.engines.background.runner DIRECTORY``."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from pathlib import Path

from primwidgets.engines._remote.pickled import PickledOutcome, pickled_error
from primwidgets.engines.background.files import JobFiles
from primwidgets.errors import EngineError


def main(directory: str) -> None:
    """Run the call whose files are in ``directory`` and store its outcome."""
    files = JobFiles(Path(directory))
    with files.running():
        call = files.call
        if call is None or files.has_outcome:
            return
        _prepare(files)
        files.write_outcome(pickle.dumps(_outcome(call)))


def _prepare(files: JobFiles) -> None:
    """Be where the kernel was that submitted the call, and import from where it did."""
    info = files.info
    with contextlib.suppress(OSError, TypeError):
        os.chdir(info["cwd"])
    known = set(sys.path)
    sys.path += [entry for entry in info.get("path", ()) if isinstance(entry, str) and entry not in known]


def _outcome(call: bytes) -> PickledOutcome:
    try:
        outcome: PickledOutcome = pickle.loads(call)()
    except BaseException as error:  # noqa: BLE001  (the call itself never raises; here it could not be unpickled)
        return pickled_error(EngineError(f"The call cannot be read here: {type(error).__name__}: {error}"))
    return outcome


if __name__ == "__main__":
    main(sys.argv[1])
