"""``ParallelSampler`` and ``ParallelEstimator`` distribute the PUBs of one call over processes or a cluster."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar

from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub
from typing_extensions import override

from primwidgets.engines import engine_for
from primwidgets.primitives.drop_in import DropIn
from primwidgets.primitives.parallel_job import ParallelJob
from primwidgets.primitives.seeds import seeds_of
from primwidgets.primitives.sharding import check_size, cut

if TYPE_CHECKING:
    from primwidgets.widget_job import WidgetJob


class _Parallel(DropIn):
    """A primitive whose PUBs run in shards.

    Args:
        primitive: the primitive that runs the PUBs; each worker gets a copy.
        engine: where the shards run, as in ``submit``: by default processes of this machine.
        shard: number of PUBs per shard; by default chosen so that there are at most ``SHARDS`` shards.

    Raises:
        TypeError: ``primitive`` is of the wrong kind, ``engine`` is not an engine, or ``shard`` is not an ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()

    def __init__(self, primitive: Any, *, engine: object = "process", shard: int | None = None) -> None:
        while isinstance(primitive, DropIn):  # otherwise each worker would show cards or distribute PUBs again
            primitive = primitive.primitive
        super().__init__(primitive, engine=engine, shard=shard)
        check_size(shard)
        engine_for(engine)

    def _start(self, pubs: Sequence[Any]) -> WidgetJob[Any, Any]:
        from primwidgets.widget_job import WidgetJob  # imports widgets, which workers do not need

        validate = getattr(
            self.primitive, "_validate_pubs", None
        )  # called by Qiskit's and Aer's primitives before they start
        if callable(validate) and all(map(self._is_settled, pubs)):
            validate(pubs)
        seeds = seeds_of(self.primitive, pubs)
        name = f"{type(self.primitive).__name__}, {len(pubs):,} PUB{'' if len(pubs) == 1 else 's'}"
        shards = cut(self.primitive, pubs, seeds, self._settings["shard"])
        return WidgetJob(ParallelJob(name, engine_for(self._settings["engine"]), shards), name=name)

    @abstractmethod
    def _is_settled(self, pub: Any) -> bool:
        """Whether a PUB sets shots or precision; otherwise the primitive chooses them when it runs the PUB."""


class ParallelSampler(_Parallel):
    """A sampler whose PUBs run in shards, concurrently and outside of the kernel.

    ``run()`` has the arguments of the sampler's ``run()`` and returns a ``WidgetJob``, to be shown as the last
    expression of a cell; ``watch(ParallelSampler(…))`` shows it at once. Its result equals the sampler's. With a seed:

    * a statevector sampler with an ``int``, Aer's sampler, and a backend sampler on Aer's simulator give exactly the
      result of the unsharded call for every ``shard``;
    * with a ``numpy.random.Generator``, and for backend samplers on other simulators, each PUB gets a seed derived
      from it and from the PUB's index: reproducible for every ``shard``, but different from the unsharded call;
    * other samplers are copied to the workers unchanged. A sampler that restarts its random numbers in each ``run()``
      repeats them in each shard.

    The metadata of the result is that of the first shard. If a PUB fails, the job fails with the sampler's exception,
    and ``failed_pub`` is the index of the PUB; ``partial_results()`` returns the other results.

    Args:
        primitive: the sampler. Each worker gets a copy, so it has to be picklable for processes and clusters.
        engine: where the shards run, as in ``submit``: ``"process"`` for processes of this machine, a Dask ``Client``,
            any ``concurrent.futures.Executor``, ``None`` for threads.
        shard: number of PUBs per shard; by default chosen so that there are at most ``SHARDS`` shards.

    Raises:
        TypeError: ``primitive`` is not a sampler, ``engine`` is not an engine, or ``shard`` is not an ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()
    _accepts: ClassVar[tuple[type, ...]] = (BaseSamplerV2,)
    _expects: ClassVar[str] = "a sampler"

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> WidgetJob[Any, Any]:
        """Run PUBs.

        Args:
            pubs: as for the sampler.
            shots: for PUBs that do not set it; by default the sampler's own value.

        Raises:
            EngineError: they cannot be sent to the engine.
            Exception: whatever the sampler raises for invalid PUBs.
        """
        known = _default(self.primitive, "default_shots", Integral) if shots is None else shots
        return self._start([SamplerPub.coerce(pub, known) for pub in pubs])

    @override
    def _is_settled(self, pub: Any) -> bool:
        return pub.shots is not None


class ParallelEstimator(_Parallel):
    """An estimator whose PUBs run in shards, concurrently and outside of the kernel.

    ``run()`` has the arguments of the estimator's ``run()`` and returns a ``WidgetJob``, to be shown as the last
    expression of a cell; ``watch(ParallelEstimator(…))`` shows it at once. Its result equals that of the estimator.
    Seeds work as in ``ParallelSampler``: Aer's and the statevector estimator with an ``int`` give exactly the result
    of the unsharded call.

    Args:
        primitive: the estimator; see ``ParallelSampler``.
        engine: see ``ParallelSampler``.
        shard: see ``ParallelSampler``.

    Raises:
        TypeError: ``primitive`` is not an estimator, ``engine`` is not an engine, or ``shard`` is not an ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()
    _accepts: ClassVar[tuple[type, ...]] = (BaseEstimatorV2,)
    _expects: ClassVar[str] = "an estimator"

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> WidgetJob[Any, Any]:
        """Run PUBs.

        Args:
            pubs: as for the estimator.
            precision: for PUBs that do not set it; by default the estimator's own value.

        Raises:
            EngineError: they cannot be sent to the engine.
            Exception: whatever the estimator raises for invalid PUBs.
        """
        known = _default(self.primitive, "default_precision", Real) if precision is None else precision
        return self._start([EstimatorPub.coerce(pub, known) for pub in pubs])

    @override
    def _is_settled(self, pub: Any) -> bool:
        return pub.precision is not None


def _default(primitive: Any, name: str, kind: type) -> Any:
    """The default of the primitive or its options; ``None`` if that is not a ``kind``."""
    own = getattr(primitive, name, None)
    known = getattr(getattr(primitive, "options", None), name, None) if own is None else own
    return known if isinstance(known, kind) else None
