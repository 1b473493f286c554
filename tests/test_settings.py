"""What a user can set for the whole process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import primwidgets
from primwidgets._settings import Settings, settings
from tests.monitored import FarAdapter, Station


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    settings.poll_ceiling, settings.hub_tick = Settings().poll_ceiling, Settings().hub_tick
    settings.kept_arguments = Settings().kept_arguments


def test_they_are_one_object_of_the_package() -> None:
    assert primwidgets.settings is settings


def test_the_poll_ceiling_is_the_users() -> None:
    settings.poll_ceiling = 20
    station = Station()
    job = station.add(FarAdapter)
    station.advance(300)

    assert job.gaps[-1] == 20


def test_the_poll_ceiling_is_the_adapters_where_the_user_has_set_none() -> None:
    station = Station()
    job = station.add(FarAdapter)
    station.advance(300)

    assert job.gaps[-1] == FarAdapter.pace.ceiling


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", True])
@pytest.mark.parametrize("name", ["poll_ceiling", "hub_tick"])
def test_what_is_no_duration_is_refused(name: str, value: Any) -> None:
    before = getattr(settings, name)
    with pytest.raises(ValueError, match=f"{name} takes a positive number of seconds"):
        setattr(settings, name, value)
    assert getattr(settings, name) == before


def test_an_unknown_setting_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match="'poll_ceiling', 'hub_tick'"):
        settings.poll_celing = 3


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "5", True, None])
def test_the_room_for_arguments_is_a_number_of_megabytes_or_none_at_all(value: Any) -> None:
    with pytest.raises(ValueError, match="kept_arguments takes a number of megabytes"):
        settings.kept_arguments = value
    settings.kept_arguments = 0
    assert settings.kept_arguments == 0
