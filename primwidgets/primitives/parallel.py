"""``ParallelSampler`` and ``ParallelEstimator``: the PUBs of one call, spread over processes or a cluster."""

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
    """A primitive, the PUBs of whose calls run in shards.

    Args:
        primitive: what runs the PUBs, in each worker a copy of it.
        engine: where the shards run, as in ``submit``: by default processes of this machine.
        shard: how many PUBs a worker gets at a time; by default so many that there are at most ``SHARDS`` shards.

    Raises:
        TypeError: ``primitive`` is none of this kind, ``engine`` no engine, or ``shard`` no ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()

    def __init__(self, primitive: Any, *, engine: object = "process", shard: int | None = None) -> None:
        while isinstance(primitive, DropIn):  # what it shows, or spreads, it would do in each worker
            primitive = primitive.primitive
        super().__init__(primitive, engine=engine, shard=shard)
        check_size(shard)
        engine_for(engine)

    def _start(self, pubs: Sequence[Any]) -> WidgetJob[Any, Any]:
        from primwidgets.widget_job import WidgetJob  # needs widgets, which workers do not

        validate = getattr(self.primitive, "_validate_pubs", None)  # what Qiskit's and Aer's call before they start
        if callable(validate) and all(map(self._is_settled, pubs)):
            validate(pubs)
        seeds = seeds_of(self.primitive, pubs)
        name = f"{type(self.primitive).__name__}, {len(pubs):,} PUB{'' if len(pubs) == 1 else 's'}"
        shards = cut(self.primitive, pubs, seeds, self._settings["shard"])
        return WidgetJob(ParallelJob(name, engine_for(self._settings["engine"]), shards), name=name)

    @abstractmethod
    def _is_settled(self, pub: Any) -> bool:
        """Whether a PUB says how many shots, or how precise; if not, the primitive decides when it runs it."""


class ParallelSampler(_Parallel):
    """A sampler, the PUBs of whose calls run in shards, next to each other, and out of the kernel.

    ``run()`` takes what the sampler's takes and returns a ``WidgetJob``, to be shown as the last expression of a cell;
    ``watch(ParallelSampler(…))`` shows it at once. Its result equals that of the sampler itself. With a seed:

    * a statevector sampler with an ``int``, Aer's sampler, and a backend sampler on Aer's simulator give exactly what
      the unsharded call gives, whatever ``shard`` is;
    * with a ``numpy.random.Generator``, and for backend samplers on other simulators, each PUB gets a seed derived
      from that and from its place: the same in each run and for each ``shard``, but not the unsharded call's;
    * other samplers are copied to the workers as they are. One whose seed starts its numbers anew in each ``run()``
      would repeat them from shard to shard.

    The metadata of the whole result is that of its first PUBs. If a PUB fails, the job does, with the sampler's
    exception, and ``failed_pub`` is its index; ``partial_results()`` has the others.

    Args:
        primitive: the sampler. Each worker gets a copy of it, so for processes and clusters it has to be picklable.
        engine: where the shards run, as in ``submit``: ``"process"`` for processes of this machine, a Dask ``Client``,
            any ``concurrent.futures.Executor``, ``None`` for threads.
        shard: how many PUBs a worker gets at a time; by default so many that there are at most ``SHARDS`` shards.

    Raises:
        TypeError: ``primitive`` is no sampler, ``engine`` no engine, or ``shard`` no ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()
    _accepts: ClassVar[tuple[type, ...]] = (BaseSamplerV2,)
    _expects: ClassVar[str] = "a sampler"

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> WidgetJob[Any, Any]:
        """Run PUBs.

        Args:
            pubs: as for the sampler.
            shots: for PUBs that do not say how many; by default the sampler's own.

        Raises:
            EngineError: they cannot be sent to where they shall run.
            Exception: whatever the sampler raises for PUBs that are none.
        """
        known = _default(self.primitive, "default_shots", Integral) if shots is None else shots
        return self._start([SamplerPub.coerce(pub, known) for pub in pubs])

    @override
    def _is_settled(self, pub: Any) -> bool:
        return pub.shots is not None


class ParallelEstimator(_Parallel):
    """An estimator, the PUBs of whose calls run in shards, next to each other, and out of the kernel.

    ``run()`` takes what the estimator's takes and returns a ``WidgetJob``, to be shown as the last expression of a
    cell; ``watch(ParallelEstimator(…))`` shows it at once. Its result equals that of the estimator itself; where it is
    random, seeds do what they do for ``ParallelSampler``, and Aer's and the statevector estimator with an ``int`` give
    exactly what the unsharded call gives.

    Args:
        primitive: the estimator; see ``ParallelSampler``.
        engine: see ``ParallelSampler``.
        shard: see ``ParallelSampler``.

    Raises:
        TypeError: ``primitive`` is no estimator, ``engine`` no engine, or ``shard`` no ``int``.
        ValueError: there is no engine of this name, or ``shard`` is less than 1.
    """

    __slots__ = ()
    _accepts: ClassVar[tuple[type, ...]] = (BaseEstimatorV2,)
    _expects: ClassVar[str] = "an estimator"

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> WidgetJob[Any, Any]:
        """Run PUBs.

        Args:
            pubs: as for the estimator.
            precision: for PUBs that do not say how precise; by default the estimator's own.

        Raises:
            EngineError: they cannot be sent to where they shall run.
            Exception: whatever the estimator raises for PUBs that are none.
        """
        known = _default(self.primitive, "default_precision", Real) if precision is None else precision
        return self._start([EstimatorPub.coerce(pub, known) for pub in pubs])

    @override
    def _is_settled(self, pub: Any) -> bool:
        return pub.precision is not None


def _default(primitive: Any, name: str, kind: type) -> Any:
    """What the primitive itself, or its options, have for a PUB that does not say; ``None`` if that is no ``kind``."""
    own = getattr(primitive, name, None)
    known = getattr(getattr(primitive, "options", None), name, None) if own is None else own
    return known if isinstance(known, kind) else None
