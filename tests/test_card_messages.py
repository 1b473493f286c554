"""How the cards that are displayed share a bounded number of messages."""

from __future__ import annotations

from primwidgets._jupyter.card_messages import (
    LONGEST_WAIT_SECONDS,
    PROGRESS_BURST,
    PROGRESS_PER_SECOND,
    CardMessages,
    TokenBucket,
)
from primwidgets._monitor.monitor import Monitor
from primwidgets.testing import ManualClock
from tests.fake_runner import FakeRunner


class Station:
    """Messages whose clock is turned by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.runner = FakeRunner(self.clock)
        self.messages = CardMessages(Monitor(self.runner, self.clock).later, self.clock)
        self.sent: list[Card] = []

    def advance(self, seconds: float) -> list[Card]:
        """What was sent since the last time, once ``seconds`` have passed."""
        self.runner.advance(seconds)
        sent, self.sent = self.sent, []
        return sent


class Card:
    def __init__(self, station: Station) -> None:
        self._station = station

    def change(self, *, urgent: bool = False, drawn_by_hub: bool = True) -> None:
        self._station.messages.offer(self, urgent=urgent, drawn_by_hub=drawn_by_hub)

    def send_changes(self) -> None:
        self._station.sent.append(self)


def test_one_card_that_changes_ten_times_a_second_is_sent_at_once_each_time() -> None:
    station = Station()
    card = Card(station)
    for _ in range(200):
        card.change()
        assert station.sent == [card]
        assert station.advance(0.1) == [card]


def test_however_many_cards_change_the_messages_are_bounded_and_each_card_has_its_turn() -> None:
    station = Station()
    cards = [Card(station) for _ in range(60)]
    sent: list[Card] = []
    for _ in range(100):
        for card in cards:
            card.change()
        sent += station.advance(0.1)

    assert len(sent) <= PROGRESS_BURST + 10 * PROGRESS_PER_SECOND + 1
    assert set(sent) == set(cards)


def test_what_waits_is_sent_when_nothing_changes_any_more() -> None:
    station = Station()
    cards = [Card(station) for _ in range(PROGRESS_BURST + 5)]
    for card in cards:
        card.change()
    assert station.sent == cards[:PROGRESS_BURST]

    station.sent = []
    assert station.advance(5 / PROGRESS_PER_SECOND + 0.01) == cards[PROGRESS_BURST:]
    assert station.advance(10) == []


def test_a_new_state_does_not_wait_behind_progress() -> None:
    station = Station()
    cards = [Card(station) for _ in range(200)]
    for card in cards:
        card.change()
    station.sent = []
    cards[199].change(urgent=True)

    assert station.sent == [cards[199]]
    station.sent = []
    assert station.advance(60).count(cards[199]) == 0  # its progress went with that message


def test_what_only_the_cards_own_messages_draw_waits_half_a_second_at_most() -> None:
    station = Station()
    cards = [Card(station) for _ in range(300)]
    for _ in range(5):
        for card in cards:
            card.change(drawn_by_hub=False)
        assert set(station.advance(1.1 * LONGEST_WAIT_SECONDS)) == set(cards)


def test_new_states_of_many_cards_do_not_wait_longer_either() -> None:
    station = Station()
    cards = [Card(station) for _ in range(1_000)]
    for card in cards:
        card.change(urgent=True)

    sent = station.advance(2 * LONGEST_WAIT_SECONDS)
    assert len(sent) == len(set(sent)) == 1_000


def test_a_card_that_is_gone_is_not_sent() -> None:
    station = Station()
    cards = [Card(station) for _ in range(PROGRESS_BURST)]
    for card in [*cards, late := Card(station)]:
        card.change()
    del late, card
    station.sent = []

    assert station.advance(10) == []


def test_a_bucket_is_never_fuller_than_its_burst() -> None:
    bucket = TokenBucket(rate=10.0, burst=2, now=0.0)

    assert [bucket.take(100.0) for _ in range(3)] == [True, True, False]
    assert bucket.wait() == 0.1
