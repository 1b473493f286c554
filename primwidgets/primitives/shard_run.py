"""Runs a shard in a worker."""

from __future__ import annotations

import pickle
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Final

from primwidgets._progress.reporting import report
from primwidgets.errors import JobCancelled
from primwidgets.primitives.seeds import seeded
from primwidgets.primitives.sharding import Shard

#: Target duration of one call of the primitive: long enough to make its overhead negligible, short enough to show
#: progress and notice a cancel.
CHUNK_SECONDS: Final = 0.2
#: Maximum growth of the number of PUBs from one call of the primitive to the next.
_GROWTH: Final = 4


@dataclass(slots=True)
class Outcome:
    """The outcome of a shard.

    Attributes:
        results: a ``PubResult`` for each PUB up to the first failure.
        metadata: metadata of the primitive's result; ``None`` until there is one.
        error: the exception of the next PUB.
        trace: its traceback, as text.
        failed: the index of that PUB in the call.
    """

    results: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    error: BaseException | None = None
    trace: str | None = None
    failed: int | None = None


def run_shard(shard: Shard) -> Outcome:
    """Run the PUBs of a shard in a few calls of the primitive, and report progress.

    Never raises: after a failure or a cancel, the results so far are returned.
    """
    outcome, size, most = Outcome(), 1, len(shard.pubs)
    while outcome.metadata is None or len(outcome.results) < len(shard.pubs):
        at = len(outcome.results)
        count = shard.together(at, min(size, most))
        try:
            report(at / max(1, len(shard.pubs)))
            results, metadata, seconds = _run(shard, at, count)
        except JobCancelled:
            break
        except Exception as error:  # noqa: BLE001  (it is raised where the result is asked for)
            if count > 1:  # one by one, to find the failing PUB
                most = 1
                continue
            _note_failure(outcome, error, shard.first + at)
            break
        outcome.results += results
        outcome.metadata = metadata if outcome.metadata is None else outcome.metadata
        size = _next_size(count, seconds)
    return outcome


def _run(shard: Shard, at: int, count: int) -> tuple[list[Any], dict[str, Any], float]:
    """Results of ``count`` PUBs, metadata of the primitive's result, and duration in seconds."""
    primitive = shard.primitive.value
    if shard.seeds is not None and count:
        primitive = seeded(primitive, shard.seeds[at].value)
    with shard.primitive.turn:
        report()  # the job may have been cancelled in the meantime
        begin = time.perf_counter()
        result = primitive.run(shard.pubs[at : at + count]).result()
        seconds = time.perf_counter() - begin
    results = list(result)
    if len(results) != count:
        raise RuntimeError(f"{type(primitive).__name__} was given {count} PUBs and returned {len(results)} results.")
    return results, dict(result.metadata or {}), seconds


def _next_size(count: int, seconds: float) -> int:
    return max(1, min(_GROWTH * count, int(count * CHUNK_SECONDS / max(seconds, 1e-6))))


def _note_failure(outcome: Outcome, error: Exception, index: int) -> None:
    outcome.failed = index
    outcome.trace = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  (pickling an exception runs foreign code)
        outcome.error = RuntimeError(f"{type(error).__name__}: {error}")
    else:
        outcome.error = error
