"""Snowpark's own class for asynchronous queries, on a connection that answers from a script."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest
from snowflake.connector.constants import QueryStatus
from snowflake.snowpark.async_job import AsyncJob

from primwidgets import CancelState, JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL, Answers

WORDS = dict(zip(ALL[1:], ("QUEUED", "RUNNING", "SUCCESS", "FAILED_WITH_ERROR", "ABORTED"), strict=True))
BLANK = JobSnapshot(uid="u")


class TestSnowpark(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(QueryStatus[WORDS[state]])
        self.cursor = Mock()
        connection = SimpleNamespace(get_query_status=self.answers, cursor=lambda: self.cursor)
        session = Mock(_conn=SimpleNamespace(_conn=connection))
        job = AsyncJob("q-1", "select 1", session)
        job.result = Mock(return_value=[(1,)])
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = QueryStatus.SUCCESS

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter_for(self.make_job(state)).read(BLANK)
        assert self.answers.asked == 1

    def test_a_query_that_is_being_aborted_is_not_over(self) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        adapter.cancel()
        assert "CANCEL_QUERY" in self.cursor.execute.call_args.args[0]
        self.answers.answer = QueryStatus.ABORTING
        read = adapter.read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)

    @pytest.mark.parametrize("word", [one.name for one in QueryStatus if one.name != "NO_DATA"])
    def test_all_words_of_snowflake_are_known(self, word: str) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        self.answers.answer = QueryStatus[word]
        read = adapter.read(BLANK.evolve(state=JobState.INITIALIZING))
        assert read.state is not JobState.INITIALIZING or read.being_cancelled
