"""Seeds for PUBs that run in shards, so that their random numbers stay reproducible.

The seed of a primitive has one of these meanings for the PUBs of one call:

* it restarts the random numbers for each PUB (Qiskit's statevector primitives with an ``int``, Aer's estimator):
  nothing has to be done;
* it counts up from circuit to circuit (Aer's simulator, so Aer's sampler, and Qiskit's backend primitives on it): each
  PUB gets the seed that it has in the unsharded call, so that the random numbers are the same;
* it is a ``numpy.random.Generator``, or the seed of a backend that uses it in an unknown way: each PUB gets a seed
  derived from it and from the index of the PUB. The numbers are the same for every sharding, but differ from those of
  the unsharded call.

An unknown primitive is left unchanged.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from qiskit.primitives import BackendEstimatorV2, BackendSamplerV2
from qiskit.quantum_info import PauliList

#: Increment of Aer's seed from one circuit of a run to the next.
_AER_STEP: Final = 2113
_AER_SAMPLER: Final = "qiskit_aer.primitives.sampler_v2:SamplerV2"
_AER_BACKEND: Final = "qiskit_aer.backends.aerbackend:AerBackend"
#: Uses Aer if that is installed.
_GENERIC_BACKEND: Final = "qiskit.providers.fake_provider.generic_backend_v2:GenericBackendV2"


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed of one PUB.

    Attributes:
        value: an ``int`` or a ``numpy.random.Generator``.
        follows: whether the PUB gets the same random numbers in one call with the previous PUB.
    """

    value: Any
    follows: bool = False


def seeds_of(primitive: Any, pubs: Sequence[Any]) -> Sequence[Seed] | None:
    """The seed of each PUB; ``None`` if all run with the unchanged primitive.

    Args:
        primitive: a sampler or an estimator.
        pubs: coerced PUBs, with shots or precision if the primitive has a default.
    """
    if isinstance(generator := getattr(primitive, "seed", None), np.random.Generator):
        return [Seed(child) for child in generator.spawn(len(pubs))]
    if _is_a(primitive, _AER_SAMPLER):
        of_run = primitive.options.run_options.get("seed_simulator")
        seed = _first_known(primitive.seed, of_run, _seed_of(getattr(primitive, "_backend", None)))
        return None if seed is None else _counted_up(seed, pubs, lambda pub: pub.shots, _bindings)
    if isinstance(primitive, (BackendSamplerV2, BackendEstimatorV2)):
        seed = _first_known(primitive.options.seed_simulator, _seed_of(primitive.backend))
        return None if seed is None else _of_a_backend(primitive, seed, pubs)
    return None


def seeded(primitive: Any, seed: Any) -> Any:
    """A copy of ``primitive`` with ``seed``; the original may run elsewhere at the same time.

    Raises:
        RuntimeError: this version of the primitive stores its seed elsewhere.
    """
    mine = copy.copy(primitive)
    if isinstance(mine, (BackendSamplerV2, BackendEstimatorV2)):
        mine._options = replace(mine.options, seed_simulator=seed)
        taken = mine.options.seed_simulator
    else:
        mine._seed = seed
        taken = mine.seed
    if taken is not seed:
        raise RuntimeError(f"This version of {type(primitive).__name__} cannot be seeded for each part of a call.")
    return mine


def _of_a_backend(primitive: Any, seed: int, pubs: Sequence[Any]) -> Sequence[Seed]:
    if not _counts_up(primitive.backend):
        return [Seed(int(child.generate_state(1)[0])) for child in np.random.SeedSequence(seed).spawn(len(pubs))]
    if isinstance(primitive, BackendSamplerV2):
        return _counted_up(seed, pubs, lambda pub: pub.shots, _bindings)
    grouping = primitive.options.abelian_grouping
    return _counted_up(seed, pubs, lambda pub: math.ceil(1 / pub.precision**2), lambda pub: _bases(pub, grouping))


def _counts_up(backend: Any) -> bool:
    runs_aer = _is_a(backend, _AER_BACKEND) or (_is_a(backend, _GENERIC_BACKEND) and bool(find_spec("qiskit_aer")))
    return (
        runs_aer and not backend.max_circuits
    )  # a limit splits a call into several runs, which each restart the count


def _counted_up(
    seed: int, pubs: Iterable[Any], group_of: Callable[[Any], Hashable], circuits_of: Callable[[Any], int]
) -> Sequence[Seed]:
    """Count circuits per number of shots, since primitives run the PUBs with equal shots together."""
    circuits: Counter[Hashable] = Counter()
    seeds: list[Seed] = []
    group_before: Hashable = None
    for pub in pubs:
        group = group_of(pub)
        seeds.append(Seed(seed + _AER_STEP * circuits[group], follows=bool(seeds) and group == group_before))
        circuits[group] += circuits_of(pub)
        group_before = group
    return seeds


def _bindings(pub: Any) -> int:
    size: int = pub.parameter_values.size
    return size


def _bases(pub: Any, grouping: bool) -> int:
    """Number of circuits a backend estimator runs for a PUB: one per binding and basis."""
    at, observables = np.broadcast_arrays(
        np.arange(_bindings(pub)).reshape(pub.parameter_values.shape), pub.observables
    )
    paulis: dict[int, set[str]] = {}
    for binding, observable in zip(at.ravel(), observables.ravel(), strict=True):
        paulis.setdefault(int(binding), set()).update(observable)
    return sum(_basis_count(frozenset(labels), grouping) for labels in paulis.values())


@lru_cache(maxsize=256)
def _basis_count(labels: frozenset[str], grouping: bool) -> int:
    return len(PauliList(sorted(labels)).group_commuting(qubit_wise=True)) if grouping else len(labels)


def _seed_of(backend: Any) -> Any:
    """The seed in the backend's options, used if the primitive has none."""
    return getattr(getattr(backend, "options", None), "seed_simulator", None)


def _first_known(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _is_a(thing: Any, name: str) -> bool:
    return any(f"{ancestor.__module__}:{ancestor.__qualname__}" == name for ancestor in type(thing).__mro__)
