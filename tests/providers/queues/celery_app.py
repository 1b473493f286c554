"""The tasks that Celery's worker runs."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

from tests.providers import work

URL = os.environ.get("PRIMWIDGETS_REDIS", "redis://localhost")
app = Celery("tests", broker=URL, backend=URL)
app.conf.update(task_track_started=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True)


def _report_and_pass(self: Any, gate: str) -> int:
    self.update_state(state="PROGRESS", meta={"current": 1, "total": 4, "message": "epoch 1"})
    return work.pass_gate(gate)


pass_gate = app.task(work.pass_gate)
report_and_pass = app.task(_report_and_pass, bind=True)
fail = app.task(work.fail)
