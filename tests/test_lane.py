from __future__ import annotations

import math
import random

from primwidgets.lane import AT_ONCE, ROOM_FOR_COMMANDS, ROOM_FOR_READS, Lane, Pool, Room


def new_lane(
    requests_per_second: float | None = None, *, room: Room = ROOM_FOR_READS, pool: Pool | None = None
) -> Lane[str]:
    return Lane(room, pool or Pool(128), requests_per_second)


def served(lane: Lane[str], now: float) -> list[str]:
    """Everything that gets its turn now, if each call ends at once."""
    items = []
    while (item := lane.pop(now)) is not None:
        lane.end()
        items.append(item)
    return items


def full(count: int) -> Lane[str]:
    """A lane with ``count`` reads that are due."""
    lane: Lane[str] = new_lane()
    for number in range(count):
        lane.push(f"read {number}", 0.0)
    return lane


def test_items_are_served_in_the_order_of_their_due_times() -> None:
    lane: Lane[str] = new_lane()
    for item, due in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
        lane.push(item, due)

    assert served(lane, 3.0) == ["early", "middle", "late"]


def test_items_that_are_due_together_are_served_first_come_first_served() -> None:
    assert served(full(20), 0.0) == [f"read {number}" for number in range(20)]


def test_nothing_is_served_before_it_is_due() -> None:
    lane: Lane[str] = new_lane()
    lane.push("read", 2.0)

    assert served(lane, 1.999) == []
    assert served(lane, 2.0) == ["read"]


def test_an_empty_lane_has_no_due_time() -> None:
    assert new_lane().next_due() is None


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
    lane.end()

    assert lane.pop(0.0) == f"read {ROOM_FOR_READS.calls}"


def test_the_room_for_commands_is_not_taken_by_reads() -> None:
    reads, commands = full(10), new_lane(room=ROOM_FOR_COMMANDS)
    for _ in range(ROOM_FOR_READS.calls):
        reads.pop(0.0)
    for number in range(10):
        commands.push(f"cancel {number}", AT_ONCE)

    assert [commands.pop(0.0) for _ in range(10)].count(None) == 10 - ROOM_FOR_COMMANDS.calls


def test_calls_that_hang_make_room_until_there_are_too_many() -> None:
    lane = full(100)
    for _ in range(ROOM_FOR_READS.hung):
        lane.pop(0.0)
        lane.write_off()
    assert (lane.calls, lane.hung, lane.pop(0.0)) == (0, ROOM_FOR_READS.hung, None)

    lane.end(hung=True)
    assert lane.pop(0.0) == f"read {ROOM_FOR_READS.hung}"


def test_a_provider_that_hangs_alone_may_not_fill_the_pool_nor_may_many() -> None:
    pool = Pool(128)
    hanging = [new_lane(pool=pool) for _ in range(45)]
    for _ in range(ROOM_FOR_READS.hung):  # in each round all calls of all of them hang
        for lane in hanging:
            for _ in range(100):
                lane.push("read", 0.0)
            while lane.pop(0.0) is not None:
                pass
            while lane.calls:
                lane.write_off()

    good = new_lane(pool=pool)
    good.push("read", 0.0)
    assert all(lane.hung for lane in hanging)
    assert good.pop(0.0) == "read"


def test_a_full_pool_has_room_again_when_a_call_ends() -> None:
    pool = Pool(1)
    first, second = new_lane(pool=pool), new_lane(pool=pool)
    first.push("first", 0.0)
    second.push("second", 0.0)
    assert (first.pop(0.0), second.pop(0.0)) == ("first", None)

    first.end()
    assert second.pop(0.0) == "second"


def test_those_that_wait_too_long_are_known() -> None:
    lane = full(2)
    lane.take_back(lane.push("unwanted", 0.0))
    lane.push("not yet", 5.0)

    assert sorted(lane.overdue(1.0)) == ["read 0", "read 1"]


def test_of_several_budgets_the_smallest_counts() -> None:
    lane = new_lane(4)
    for budget in (1, None, 10):
        lane.restrict(budget)
    for number in range(2):
        lane.push(f"read {number}", 0.0)
    served(lane, 0.0)

    assert lane.next_due() == 1.0


def test_a_lane_is_idle_when_nothing_is_lost_with_it() -> None:
    lane = new_lane(1)
    assert lane.is_idle(0.0)
    lane.push("read", 0.0)
    assert not lane.is_idle(0.0)
    lane.pop(0.0)
    assert not lane.is_idle(2.0)
    lane.end()
    assert (lane.is_idle(0.5), lane.is_idle(1.0)) == (False, True)


def test_a_budget_spaces_the_reads() -> None:
    lane: Lane[str] = new_lane(requests_per_second=4)
    for number in range(3):
        lane.push(f"read {number}", 0.0)

    assert served(lane, 10.0) == ["read 0"]
    assert lane.next_due() == 10.25
    assert served(lane, 10.2) == []
    assert served(lane, 10.25) == ["read 1"]


def test_a_budget_that_was_not_used_is_not_saved_up() -> None:
    lane: Lane[str] = new_lane(requests_per_second=1)
    lane.push("first", 0.0)
    served(lane, 0.0)
    for number in range(3):
        lane.push(f"read {number}", 0.0)

    assert served(lane, 100.0) == ["read 0"]


def test_commands_neither_wait_for_the_budget_nor_use_it() -> None:
    lane: Lane[str] = new_lane(requests_per_second=1)
    lane.push("read", 0.0)
    served(lane, 0.0)
    lane.push("cancel", AT_ONCE)
    lane.push("next read", 0.0)

    assert served(lane, 0.5) == ["cancel"]
    assert served(lane, 1.0) == ["next read"]


def test_without_a_budget_there_is_no_spacing() -> None:
    assert len(served(full(100), 0.0)) == 100


def test_what_was_taken_back_is_not_served() -> None:
    lane: Lane[str] = new_lane()
    ticket = lane.push("unwanted", 0.0)
    lane.push("wanted", 1.0)
    lane.take_back(ticket)

    assert lane.next_due() == 1.0
    assert served(lane, 1.0) == ["wanted"]


def test_taking_back_what_was_served_or_taken_back_changes_nothing() -> None:
    lane: Lane[str] = new_lane()
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
    lane: Lane[str] = new_lane()
    numbers = list(range(1_000))
    random.Random(7).shuffle(numbers)
    tickets = {number: lane.push(str(number), float(number)) for number in numbers}
    for number in numbers[:950]:
        lane.take_back(tickets[number])

    assert served(lane, 1_000.0) == [str(number) for number in sorted(numbers[950:])]


def test_what_was_taken_back_does_not_pile_up_and_loses_nobody_his_place() -> None:
    lane: Lane[str] = new_lane()
    wanted = [f"wanted {number}" for number in range(10)]
    for number, item in enumerate(wanted):
        lane.push(item, float(number))
    for _ in range(10_000):
        lane.take_back(lane.push("unwanted", math.inf))

    assert len(lane._heap) < 200
    assert served(lane, 10.0) == wanted
