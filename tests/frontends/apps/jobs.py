"""The jobs of the applications."""

import time
from concurrent.futures import ThreadPoolExecutor

from primwidgets import WidgetJob, submit, track
from primwidgets.simulated import SimulatedProvider


def work():
    for _ in track(range(1200)):
        time.sleep(0.05)


def make_jobs():
    """A simulated job, a function, and a job that a button waits for."""
    run = SimulatedProvider(seed=1).run
    return (
        WidgetJob(run("Simulated", queue=1, seconds=60), name="Simulated"),
        submit(work, name="Function", engine=ThreadPoolExecutor(1)),  # or it would wait for those of other visitors
        WidgetJob(run("Waited", queue=0, seconds=90), name="Waited for"),
    )


def block(job, seconds=6):
    """What the button *Block* does."""
    try:
        job.result(timeout=seconds)
    except BaseException as error:  # noqa: BLE001
        return type(error).__name__
    return "ended"
