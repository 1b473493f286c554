"""Splits the PUBs of one call into shards, which run as one function call each."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from typing_extensions import override

from primwidgets.primitives.seeds import Seed

#: Default maximum number of shards: more than most machines have workers, so that the workers finish together, and few
#: enough to make the overhead of a shard negligible.
SHARDS: Final = 32


class Shared:
    """Data shared by all shards of a call. Pickled once, and unpickled once by each thread that runs shards.

    Attributes:
        value: the thing.
        turn: held while it is used, since primitives and backends may not be used on several threads at once. Only
            threads of the process that made it have to wait for each other.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self.turn = threading.Lock()
        self._pickled: bytes | None = None

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        if self._pickled is None:
            import cloudpickle  # the engines that pickle this require it

            self._pickled = cloudpickle.dumps(self.value)
        return _opened, (self._pickled,)


def _opened(pickled: bytes) -> Shared:
    return _of_thread(threading.get_ident(), pickled)


@lru_cache(maxsize=64)  # a thread runs the shards of one call in sequence
def _of_thread(_thread: int, pickled: bytes) -> Shared:
    return Shared(pickle.loads(pickled))


@dataclass(frozen=True, slots=True)
class Shard:
    """Consecutive PUBs of one call.

    Attributes:
        primitive: what runs them.
        circuits: the circuit of each; PUBs often have the same, with other parameters.
        first: the index of the first of them in the call.
        pubs: they themselves, coerced.
        seeds: the seed of each; ``None`` if they run with the primitive as it is.
    """

    primitive: Shared
    circuits: Sequence[Shared]
    first: int
    pubs: Sequence[Any]
    seeds: Sequence[Seed] | None

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        parts = [_without_circuit(pub) for pub in self.pubs]
        return _joined, (self.primitive, self.circuits, self.first, parts, self.seeds)

    def together(self, at: int, most: int) -> int:
        """Number of PUBs from ``at`` on that may run in one call of the primitive, ``most`` at most."""
        end = min(at + most, len(self.pubs))
        if self.seeds is None:
            return end - at
        return next((index for index in range(at + 1, end) if not self.seeds[index].follows), end) - at


def cut(primitive: Any, pubs: Sequence[Any], seeds: Sequence[Seed] | None, size: int | None) -> Sequence[Shard]:
    """The shards of a call: of ``size`` PUBs each, or at most ``SHARDS`` shards; a single empty one without PUBs."""
    size = size or max(1, -(-len(pubs) // SHARDS))
    shared = Shared(primitive)
    known: dict[int, Shared] = {}
    circuits = [known.setdefault(id(pub.circuit), Shared(pub.circuit)) for pub in pubs]
    return [
        Shard(shared, circuits[part], part.start, pubs[part], seeds and seeds[part])
        for part in (slice(first, first + size) for first in range(0, max(1, len(pubs)), size))
    ]


def _without_circuit(pub: Any) -> tuple[Any, ...]:
    if isinstance(pub, SamplerPub):
        return SamplerPub, pub.parameter_values, pub.shots
    return EstimatorPub, pub.observables, pub.parameter_values, pub.precision


def _joined(primitive: Shared, circuits: Sequence[Shared], first: int, parts: Any, seeds: Any) -> Shard:
    pubs = [kind(circuit.value, *rest, validate=False) for (kind, *rest), circuit in zip(parts, circuits, strict=True)]
    return Shard(primitive, circuits, first, pubs, seeds)


def check_size(size: object) -> None:
    """Check the size of a shard.

    Raises:
        TypeError: it is no ``int``.
        ValueError: it is less than 1.
    """
    if size is None:
        return
    if not isinstance(size, int) or isinstance(size, bool):
        raise TypeError(f"shard, the number of PUBs that one worker gets at a time, must be an int, not {size!r}.")
    if size < 1:
        raise ValueError(f"shard, the number of PUBs that one worker gets at a time, must be 1 or more, not {size}.")
