from __future__ import annotations

import math
import random

from primwidgets.lane import AT_ONCE, ROOM_FOR_COMMANDS, ROOM_FOR_READS, Lane


def served(lane: Lane[str], now: float) -> list[str]:
    """Everything that gets its turn now, if each call ends at once."""
    items = []
    while (item := lane.pop(now)) is not None:
        lane.calls -= 1
        items.append(item)
    return items


def full(count: int) -> Lane[str]:
    """A lane with ``count`` reads that are due."""
    lane: Lane[str] = Lane()
    for number in range(count):
        lane.push(f"read {number}", 0.0)
    return lane


def test_items_are_served_in_the_order_of_their_due_times() -> None:
    lane: Lane[str] = Lane()
    for item, due in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
        lane.push(item, due)

    assert served(lane, 3.0) == ["early", "middle", "late"]


def test_items_that_are_due_together_are_served_first_come_first_served() -> None:
    assert served(full(20), 0.0) == [f"read {number}" for number in range(20)]


def test_nothing_is_served_before_it_is_due() -> None:
    lane: Lane[str] = Lane()
    lane.push("read", 2.0)

    assert served(lane, 1.999) == []
    assert served(lane, 2.0) == ["read"]


def test_an_empty_lane_has_no_due_time() -> None:
    assert Lane[str]().next_due() is None


def test_commands_go_first_even_if_they_come_last() -> None:
    lane = full(2)
    lane.push("cancel", AT_ONCE)

    assert served(lane, 0.0) == ["cancel", "read 0", "read 1"]


def test_no_more_reads_are_under_way_than_there_is_room_for() -> None:
    lane = full(10)
    under_way = [lane.pop(0.0) for _ in range(10)]

    assert under_way.count(None) == 10 - ROOM_FOR_READS.calls
    assert lane.next_due() is None


def test_the_end_of_a_call_makes_room_for_the_next() -> None:
    lane = full(ROOM_FOR_READS.calls + 1)
    for _ in range(ROOM_FOR_READS.calls):
        lane.pop(0.0)
    lane.calls -= 1

    assert lane.pop(0.0) == f"read {ROOM_FOR_READS.calls}"


def test_commands_still_have_room_when_reads_have_none() -> None:
    lane = full(10)
    for _ in range(ROOM_FOR_READS.calls):
        lane.pop(0.0)
    for number in range(10):
        lane.push(f"cancel {number}", AT_ONCE)
    commands = [lane.pop(0.0) for _ in range(10)]

    more = ROOM_FOR_COMMANDS.calls - ROOM_FOR_READS.calls
    assert [command for command in commands if command] == [f"cancel {number}" for number in range(more)]


def test_calls_that_hang_end_the_reads_first_and_then_the_commands() -> None:
    lane = full(1)
    lane.push("cancel", AT_ONCE)

    lane.hung = ROOM_FOR_COMMANDS.hung
    assert (lane.is_stuck, lane.pop(0.0)) == (True, None)
    lane.hung = ROOM_FOR_READS.hung
    assert (lane.is_stuck, lane.pop(0.0), lane.pop(0.0)) == (True, "cancel", None)
    lane.hung -= 1
    assert (lane.is_stuck, lane.pop(0.0)) == (False, "read 0")


def test_a_budget_spaces_the_reads() -> None:
    lane: Lane[str] = Lane(requests_per_second=4)
    for number in range(3):
        lane.push(f"read {number}", 0.0)

    assert served(lane, 10.0) == ["read 0"]
    assert lane.next_due() == 10.25
    assert served(lane, 10.2) == []
    assert served(lane, 10.25) == ["read 1"]


def test_a_budget_that_was_not_used_is_not_saved_up() -> None:
    lane: Lane[str] = Lane(requests_per_second=1)
    lane.push("first", 0.0)
    served(lane, 0.0)
    for number in range(3):
        lane.push(f"read {number}", 0.0)

    assert served(lane, 100.0) == ["read 0"]


def test_commands_neither_wait_for_the_budget_nor_use_it() -> None:
    lane: Lane[str] = Lane(requests_per_second=1)
    lane.push("read", 0.0)
    served(lane, 0.0)
    lane.push("cancel", AT_ONCE)
    lane.push("next read", 0.0)

    assert served(lane, 0.5) == ["cancel"]
    assert served(lane, 1.0) == ["next read"]


def test_without_a_budget_there_is_no_spacing() -> None:
    assert len(served(full(100), 0.0)) == 100


def test_what_was_taken_back_is_not_served() -> None:
    lane: Lane[str] = Lane()
    ticket = lane.push("unwanted", 0.0)
    lane.push("wanted", 1.0)
    lane.take_back(ticket)

    assert lane.next_due() == 1.0
    assert served(lane, 1.0) == ["wanted"]


def test_taking_back_what_was_served_or_taken_back_changes_nothing() -> None:
    lane: Lane[str] = Lane()
    ticket, other = lane.push("served", 0.0), lane.push("twice", 0.0)
    lane.pop(0.0)
    for unwanted in (ticket, other, other):
        lane.take_back(unwanted)

    assert len(lane) == 0


def test_the_length_counts_those_that_are_still_to_be_served() -> None:
    lane = full(5)
    lane.pop(0.0)
    lane.take_back(lane.push("unwanted", 0.0))

    assert len(lane) == 4


def test_taking_back_many_leaves_the_others_in_order() -> None:
    lane: Lane[str] = Lane()
    numbers = list(range(1_000))
    random.Random(7).shuffle(numbers)
    tickets = {number: lane.push(str(number), float(number)) for number in numbers}
    for number in numbers[:950]:
        lane.take_back(tickets[number])

    assert served(lane, 1_000.0) == [str(number) for number in sorted(numbers[950:])]


def test_what_was_taken_back_does_not_pile_up_and_loses_nobody_his_place() -> None:
    lane: Lane[str] = Lane()
    wanted = [f"wanted {number}" for number in range(10)]
    for number, item in enumerate(wanted):
        lane.push(item, float(number))
    for _ in range(10_000):
        lane.take_back(lane.push("unwanted", math.inf))

    assert len(lane._heap) < 200
    assert served(lane, 10.0) == wanted
