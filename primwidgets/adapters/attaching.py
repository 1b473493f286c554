"""Finds a job again by its locator, with the provider's own client."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

from primwidgets.errors import NotAJobError

#: How to get the job of a locator, by what it names as ``provider``. Data is taken from a locator, never code.
_FINDERS: Final[Mapping[str, str]] = {
    "qiskit_ibm_runtime": "find_ibm_job",
    "ipyparallel": "find_ipyparallel_result",
    "submitit": "find_submitit_job",
    "rq": "find_rq_job",
    "celery": "find_celery_result",
    "bigquery": "find_bigquery_job",
    "braket": "find_braket_task",
    "popen": "find_process",
    "prefect": "find_prefect_run",
    "dwave": "find_dwave_problem",
    "pasqal": "find_pasqal_batch",
    "qnexus": "find_nexus_job",
    "xcc": "find_xanadu_job",
    "cirq_google": "find_engine_job",
    "primwidgets_background": "find_background_job",
}


def attach_job(locator: Mapping[str, str], **credentials: Any) -> Any:
    """The provider's job that a locator names. Asks the provider, and blocks as it does.

    Args:
        locator: what ``Adapter.locate`` returned.
        **credentials: what the provider's client takes besides.

    Raises:
        NotAJobError: nothing is known that could find it, or its package or a client is missing.
        Exception: whatever the provider raises.
    """
    provider = locator.get("provider", "")
    name = _FINDERS.get(provider)
    if name is None:
        raise NotAJobError(f"Jobs of {provider or 'this provider'} cannot be found again.")
    find: Callable[..., Any] = getattr(import_module("primwidgets.adapters._common.finders"), name)
    try:
        inspect.signature(find).bind(locator, **credentials)
    except TypeError as error:
        raise NotAJobError(f"To find a job of {provider} again: {find.__doc__} ({error})") from None
    try:
        return find(locator, **credentials)
    except ModuleNotFoundError as missing:
        raise NotAJobError(f"To find this job again, install the package {missing.name!r}.") from missing
