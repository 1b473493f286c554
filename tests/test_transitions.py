from __future__ import annotations

from dataclasses import replace

import pytest

from primwidgets._monitor.transitions import merge_read, refuse_cancel, request_cancel
from primwidgets.snapshot import CancelState, JobSnapshot, JobState

NOW = 1_000.0
FINAL = [state for state in JobState if state.is_final]
LIVE = [state for state in JobState if not state.is_final]
RUNNING = JobSnapshot(uid="u", state=JobState.RUNNING)
REQUESTED = request_cancel(RUNNING)
REFUSED = refuse_cancel(REQUESTED, "calibration")


def after(known: JobSnapshot, *states: JobState) -> JobSnapshot:
    """What is known after reads that found these states."""
    for state in states:
        known = merge_read(known, replace(known, state=state), NOW)
    return known


@pytest.mark.parametrize("state", JobState)
def test_without_a_request_no_read_says_anything_of_a_cancel(state: JobState) -> None:
    assert after(RUNNING, state).cancel_state is CancelState.NONE


@pytest.mark.parametrize(
    ("reads", "outcome"),
    [
        ([JobState.QUEUED], CancelState.REQUESTED),
        ([JobState.RUNNING], CancelState.REQUESTED),
        ([JobState.CANCELLED], CancelState.CONFIRMED),
        ([JobState.DONE], CancelState.TOO_LATE),
        ([JobState.ERROR], CancelState.TOO_LATE),
        ([JobState.CANCELLED, JobState.RUNNING], CancelState.REQUESTED),
        ([JobState.CANCELLED, JobState.DONE], CancelState.TOO_LATE),
        ([JobState.CANCELLED, JobState.RUNNING, JobState.CANCELLED], CancelState.CONFIRMED),
        ([JobState.ERROR, JobState.CANCELLED], CancelState.CONFIRMED),
    ],
    ids=str,
)
def test_what_the_provider_says_after_a_request_decides_what_became_of_it(
    reads: list[JobState], outcome: CancelState
) -> None:
    assert after(REQUESTED, *reads).cancel_state is outcome


def test_a_request_changes_nothing_but_the_cancel_state() -> None:
    assert request_cancel(RUNNING) == replace(RUNNING, cancel_state=CancelState.REQUESTED)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.ERROR])
def test_a_request_after_the_end_is_too_late(state: JobState) -> None:
    assert request_cancel(replace(RUNNING, state=state)).cancel_state is CancelState.TOO_LATE


@pytest.mark.parametrize("before", CancelState)
def test_a_request_for_a_cancelled_job_changes_nothing(before: CancelState) -> None:
    known = replace(RUNNING, state=JobState.CANCELLED, cancel_state=before)

    assert request_cancel(known) == known


def test_a_refusal_carries_the_reason_of_the_provider() -> None:
    assert (REFUSED.cancel_state, REFUSED.cancel_detail) == (CancelState.REFUSED, "calibration")


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE, JobState.ERROR])
def test_a_refusal_and_its_reason_outlive_the_reads_that_follow(state: JobState) -> None:
    read = merge_read(REFUSED, replace(RUNNING, state=state), NOW)

    assert (read.cancel_state, read.cancel_detail) == (CancelState.REFUSED, "calibration")


def test_a_job_that_is_cancelled_after_a_refusal_is_cancelled() -> None:
    assert after(REFUSED, JobState.CANCELLED).cancel_state is CancelState.CONFIRMED


def test_a_new_request_takes_the_old_reason_away() -> None:
    again = request_cancel(REFUSED)

    assert (again.cancel_state, again.cancel_detail) == (CancelState.REQUESTED, None)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.ERROR])
def test_a_refusal_because_the_job_had_finished_means_too_late(state: JobState) -> None:
    refused = refuse_cancel(after(REQUESTED, state), "not running")

    assert (refused.cancel_state, refused.cancel_detail) == (CancelState.TOO_LATE, None)


def test_a_refusal_because_the_job_was_cancelled_already_leaves_the_confirmation() -> None:
    assert refuse_cancel(after(REQUESTED, JobState.CANCELLED), "no").cancel_state is CancelState.CONFIRMED


def test_why_a_job_cannot_be_cancelled_is_shown_before_any_cancel_was_refused() -> None:
    read = replace(RUNNING, cancel_detail="A running future cannot be stopped.")

    assert merge_read(RUNNING, read, NOW).cancel_detail == "A running future cannot be stopped."


@pytest.mark.parametrize("state", FINAL)
def test_a_final_job_cannot_be_cancelled_whatever_its_adapter_says(state: JobState) -> None:
    assert not merge_read(RUNNING, replace(RUNNING, state=state, can_cancel=True), NOW).can_cancel


@pytest.mark.parametrize("can_cancel", [True, False])
def test_whether_a_live_job_can_be_cancelled_is_up_to_its_adapter(can_cancel: bool) -> None:
    assert merge_read(RUNNING, replace(RUNNING, can_cancel=can_cancel), NOW).can_cancel is can_cancel


def test_a_read_that_rests_on_an_older_truth_keeps_what_no_provider_knows() -> None:
    older = RUNNING
    known = replace(
        older, name="mine", waiting=True, result_preview={"kind": "counts"}, cancel_state=CancelState.REQUESTED
    )

    read = merge_read(known, older, NOW)

    assert (read.name, read.waiting, read.result_preview) == ("mine", True, {"kind": "counts"})
    assert read.cancel_state is CancelState.REQUESTED


def test_a_picture_that_the_adapter_brings_along_is_taken() -> None:
    assert merge_read(RUNNING, replace(RUNNING, result_preview={"kind": "counts"}), NOW).result_preview is not None


def test_times_that_the_provider_tells_are_taken() -> None:
    told = replace(RUNNING, state=JobState.DONE, queued_at=1.0, started_at=2.0, finished_at=3.0)

    read = merge_read(RUNNING, told, NOW)

    assert (read.queued_at, read.started_at, read.finished_at) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("state", "name"),
    [(JobState.QUEUED, "queued_at"), (JobState.RUNNING, "started_at"), *((state, "finished_at") for state in FINAL)],
)
def test_a_time_that_the_provider_does_not_tell_is_when_the_state_was_first_seen(state: JobState, name: str) -> None:
    blank = JobSnapshot(uid="u")
    first = merge_read(blank, replace(blank, state=state), NOW)
    second = merge_read(first, replace(blank, state=state), NOW + 5)

    others = {"queued_at", "started_at", "finished_at"} - {name}
    assert (getattr(first, name), getattr(second, name)) == (NOW, NOW)
    assert [getattr(second, other) for other in others] == [None, None]


def test_a_time_that_the_provider_tells_later_replaces_the_one_filled_in() -> None:
    first = after(JobSnapshot(uid="u"), JobState.RUNNING)

    assert merge_read(first, replace(first, started_at=NOW - 60), NOW + 1).started_at == NOW - 60


def test_the_times_of_earlier_states_stay() -> None:
    known = merge_read(JobSnapshot(uid="u"), JobSnapshot(uid="u", state=JobState.QUEUED), 1.0)
    known = merge_read(known, JobSnapshot(uid="u", state=JobState.RUNNING), 2.0)
    known = merge_read(known, JobSnapshot(uid="u", state=JobState.DONE), 3.0)

    assert (known.queued_at, known.started_at, known.finished_at) == (1.0, 2.0, 3.0)


def test_a_false_error_can_become_done() -> None:
    read = after(RUNNING, JobState.ERROR, JobState.DONE)

    assert (read.state, read.progress, read.finished_at) == (JobState.DONE, 1.0, NOW)


@pytest.mark.parametrize("state", LIVE)
def test_a_job_that_lives_after_all_has_not_finished(state: JobState) -> None:
    assert after(RUNNING, JobState.CANCELLED, state).finished_at is None


def test_done_is_all_of_the_progress() -> None:
    assert merge_read(RUNNING, replace(RUNNING, state=JobState.DONE, progress=0.97), NOW).progress == 1.0


@pytest.mark.parametrize("progress", [None, 0.4])
@pytest.mark.parametrize("state", [state for state in JobState if state is not JobState.DONE])
def test_elsewhere_the_progress_is_what_the_provider_says(state: JobState, progress: float | None) -> None:
    assert merge_read(RUNNING, replace(RUNNING, state=state, progress=progress), NOW).progress == progress


@pytest.mark.parametrize(("state", "position"), [(s, "7" if s in LIVE[:2] else None) for s in JobState])
def test_only_a_job_that_has_not_begun_has_a_place_in_the_queue(state: JobState, position: str | None) -> None:
    assert merge_read(RUNNING, replace(RUNNING, state=state, queue_position="7"), NOW).queue_position == position
