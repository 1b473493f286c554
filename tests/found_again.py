"""The code that finds a job again, as the JupyterLab extension writes it; ``golden/reattach.json`` pins both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_CHANNELS: Final = ("ibm_quantum_platform", "ibm_cloud")
_CRN: Final = re.compile(r"crn:v\d+(:[\w./-]*){8}", re.ASCII)
_NAME: Final = re.compile(r"[\w.-]{1,100}", re.ASCII)


def reattach_code(locator: Mapping[str, str] | None) -> str | None:
    """The cell that finds the job of ``locator`` again; ``None`` where there is no such code."""
    found = _FINDERS.get((locator or {}).get("provider", ""), lambda _: None)(locator or {})
    if found is None:
        return None
    lines, job = found
    return f"{lines}\nfrom primwidgets import WidgetJob\n\njob = WidgetJob({job})\njob"


def _ibm(locator: Mapping[str, str]) -> tuple[str, str] | None:
    job_id, channel, instance = (locator.get(name, "") for name in ("job_id", "channel", "instance"))
    if not 0 < len(job_id) <= 300:
        return None
    account = {"channel": channel} if channel in _CHANNELS else {}
    account |= {"instance": instance} if _CRN.fullmatch(instance) else {}
    arguments = ", ".join(f"{name}={_literal(text)}" for name, text in account.items())
    return (
        "from qiskit_ibm_runtime import QiskitRuntimeService",
        f"QiskitRuntimeService({arguments}).job({_literal(job_id)})",
    )


def _ipyparallel(locator: Mapping[str, str]) -> tuple[str, str] | None:
    profile, cluster, call = (locator.get(name) for name in ("profile", "cluster_id", "msg_id"))
    names = [name for name in (profile, cluster or "-", call) if name is not None and _NAME.fullmatch(name)]
    if len(names) < 3 or profile is None or cluster is None or call is None:
        return None
    place = f"profile={_literal(profile)}, cluster_id={_literal(cluster)}"
    return (
        "from ipyparallel import Cluster",
        f"Cluster.from_file({place}).connect_client_sync().get_result({_literal(call)}, owner=False)",
    )


def _background(locator: Mapping[str, str]) -> tuple[str, str] | None:
    job_id = locator.get("job_id", "")
    if not re.fullmatch("bg-[0-9a-f]{32}", job_id):
        return None
    return "from primwidgets.engines.background import find_background_job", f"find_background_job({_literal(job_id)})"


_FINDERS: Final = {"qiskit_ibm_runtime": _ibm, "primwidgets_background": _background, "ipyparallel": _ipyparallel}


def _literal(text: str) -> str:
    return f"'{''.join(map(_escaped, text))}'"


def _escaped(character: str) -> str:
    if character in "'\\":
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    code = ord(character)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
