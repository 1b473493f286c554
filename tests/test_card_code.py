"""The code of the card goes to the frontends once, and each card refers to it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import comm
import pytest
from ipywidgets import Widget

from primwidgets._jupyter import card_widget
from primwidgets._jupyter.card_code import SharedCode, built
from tests.cards import Card
from tests.recording_comm import RecordingFrontend


@pytest.fixture
def manager(frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch) -> RecordingFrontend:
    """A frontend with ipywidgets' own manager, in which models can refer to each other."""
    monkeypatch.setattr(comm.create_comm, "__module__", "ipykernel.comm.comm")
    code = SharedCode()
    monkeypatch.setattr(card_widget, "shared_code", lambda: code)
    return frontend


def _models(frontend: RecordingFrontend) -> dict[str, Any]:
    return {m["comm_id"]: m["data"]["state"] for m in frontend.messages if m["type"] == "comm_open"}


def _code_of(frontend: RecordingFrontend, card: Card) -> Any:
    return _models(frontend)[frontend.shown_by(card)["_code"].removeprefix("IPY_MODEL_")]


def test_ten_cards_carry_a_small_loader_and_refer_to_one_model_that_has_the_code(manager: RecordingFrontend) -> None:
    cards = [Card() for _ in range(10)]
    shown = [manager.shown_by(card) for card in cards]

    assert {(state["_esm"], state["_css"]) for state in shown} == {(built("loader.js"), "")}
    assert len(built("loader.js")) < 2000 < len(built("card.js"))
    assert len({state["_code"] for state in shown}) == 1
    assert _code_of(manager, cards[0])["module"] == built("card.js")
    assert _code_of(manager, cards[0])["style"] == built("card.css")
    assert sum("module" in state for state in _models(manager).values()) == 1


def test_a_frontend_gets_the_code_before_the_card(manager: RecordingFrontend) -> None:
    card = Card()
    code = manager.shown_by(card)["_code"].removeprefix("IPY_MODEL_")
    opened = [m["comm_id"] for m in manager.messages if m["type"] == "comm_open"]

    assert opened.index(code) < opened.index(card.model_id)


def test_code_that_was_closed_is_sent_again_with_the_next_card(manager: RecordingFrontend) -> None:
    first = manager.shown_by(Card())["_code"]
    Widget.close_all()
    card = Card()

    assert manager.shown_by(card)["_code"] != first
    assert _code_of(manager, card)["module"] == built("card.js")


def test_each_card_carries_its_code_where_models_cannot_refer_to_each_other(frontend: RecordingFrontend) -> None:
    shown = frontend.shown_by(Card())

    assert (shown["_esm"], shown["_css"], shown["_code"]) == (built("card.js"), built("card.css"), "")


def test_each_card_carries_its_code_in_colab(manager: RecordingFrontend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))

    assert manager.shown_by(Card())["_esm"] == built("card.js")
