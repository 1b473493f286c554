from __future__ import annotations

import math
import random

from primwidgets._monitor.provider_queue import (
    AT_ONCE,
    COMMAND_LIMITS,
    LATE_SECONDS,
    READ_LIMITS,
    FairShare,
    Limits,
    ProviderQueue,
)


def new_lane(
    requests_per_second: float | None = None, *, room: Limits = READ_LIMITS, pool: FairShare | None = None
) -> ProviderQueue[str]:
    return ProviderQueue(room, pool or FairShare(128), requests_per_second)


def served(queue: ProviderQueue[str], now: float) -> list[str]:
    """Everything that gets its turn now, if each call ends at once."""
    items = []
    while (item := queue.pop(now)) is not None:
        queue.end()
        items.append(item)
    return items


def full(count: int) -> ProviderQueue[str]:
    """A queue with ``count`` reads that are due."""
    queue: ProviderQueue[str] = new_lane()
    for number in range(count):
        queue.push(f"read {number}", 0.0)
    return queue


def test_items_are_served_in_the_order_of_their_due_times() -> None:
    queue: ProviderQueue[str] = new_lane()
    for item, due in (("late", 3.0), ("early", 1.0), ("middle", 2.0)):
        queue.push(item, due)

    assert served(queue, 3.0) == ["early", "middle", "late"]


def test_items_that_are_due_together_are_served_first_come_first_served() -> None:
    assert served(full(20), 0.0) == [f"read {number}" for number in range(20)]


def test_nothing_is_served_before_it_is_due() -> None:
    queue: ProviderQueue[str] = new_lane()
    queue.push("read", 2.0)

    assert served(queue, 1.999) == []
    assert served(queue, 2.0) == ["read"]


def test_an_empty_lane_has_no_due_time() -> None:
    assert new_lane().next_due() is None


def test_commands_go_first_even_if_they_come_last() -> None:
    queue = full(2)
    queue.push("cancel", AT_ONCE)

    assert served(queue, 0.0) == ["cancel", "read 0", "read 1"]


def test_no_more_reads_are_under_way_than_there_is_room_for() -> None:
    queue = full(10)
    under_way = [queue.pop(0.0) for _ in range(10)]

    assert under_way.count(None) == 10 - READ_LIMITS.calls
    assert queue.next_due() is None


def test_the_end_of_a_call_makes_room_for_the_next() -> None:
    queue = full(READ_LIMITS.calls + 1)
    for _ in range(READ_LIMITS.calls):
        queue.pop(0.0)
    queue.end()

    assert queue.pop(0.0) == f"read {READ_LIMITS.calls}"


def test_the_room_for_commands_is_not_taken_by_reads() -> None:
    reads, commands = full(10), new_lane(room=COMMAND_LIMITS)
    for _ in range(READ_LIMITS.calls):
        reads.pop(0.0)
    for number in range(10):
        commands.push(f"cancel {number}", AT_ONCE)

    assert [commands.pop(0.0) for _ in range(10)].count(None) == 10 - COMMAND_LIMITS.calls


def test_calls_that_hang_make_room_until_there_are_too_many() -> None:
    queue = full(100)
    for _ in range(READ_LIMITS.hung):
        queue.pop(0.0)
        queue.write_off()
    assert (queue.calls, queue.hung, queue.pop(0.0)) == (0, READ_LIMITS.hung, None)

    queue.end(hung=True)
    assert queue.pop(0.0) == f"read {READ_LIMITS.hung}"


def test_a_provider_that_hangs_alone_may_not_fill_the_pool_nor_may_many() -> None:
    pool = FairShare(128)
    hanging = [new_lane(pool=pool) for _ in range(45)]
    for _ in range(READ_LIMITS.hung):  # in each round all calls of all of them hang
        for queue in hanging:
            for _ in range(100):
                queue.push("read", 0.0)
            while queue.pop(0.0) is not None:
                pass
            while queue.calls:
                queue.write_off()

    good = new_lane(pool=pool)
    good.push("read", 0.0)
    assert all(queue.hung for queue in hanging)
    assert good.pop(0.0) == "read"


def test_a_full_pool_has_room_again_when_a_call_ends() -> None:
    pool = FairShare(1)
    first, second = new_lane(pool=pool), new_lane(pool=pool)
    first.push("first", 0.0)
    second.push("second", 0.0)
    assert (first.pop(0.0), second.pop(0.0)) == ("first", None)

    first.end()
    assert second.pop(0.0) == "second"


def test_those_that_wait_too_long_are_known() -> None:
    queue = full(2)
    queue.take_back(queue.push("unwanted", 0.0))
    queue.push("not yet", 5.0)

    assert sorted(queue.overdue(1.0)) == ["read 0", "read 1"]


def test_of_several_budgets_the_smallest_counts() -> None:
    queue = new_lane(4)
    for budget in (1, None, 10):
        queue.restrict(budget)
    for number in range(2):
        queue.push(f"read {number}", 0.0)
    served(queue, 0.0)

    assert queue.next_due() == 1.0


def test_a_lane_is_idle_when_nothing_is_lost_with_it() -> None:
    queue = new_lane(1)
    assert queue.is_idle(0.0)
    queue.push("read", 0.0)
    assert not queue.is_idle(0.0)
    queue.pop(0.0)
    assert not queue.is_idle(2.0)
    queue.end()
    assert (queue.is_idle(0.5), queue.is_idle(1.0)) == (False, True)


def test_a_budget_spaces_the_reads() -> None:
    queue: ProviderQueue[str] = new_lane(requests_per_second=4)
    for number in range(3):
        queue.push(f"read {number}", 0.0)

    assert served(queue, 10.0) == ["read 0"]
    assert queue.next_due() == 10.25
    assert served(queue, 10.2) == []
    assert served(queue, 10.25) == ["read 1"]


def test_a_budget_that_was_not_used_is_not_saved_up() -> None:
    queue: ProviderQueue[str] = new_lane(requests_per_second=1)
    queue.push("first", 0.0)
    served(queue, 0.0)
    for number in range(3):
        queue.push(f"read {number}", 0.0)

    assert served(queue, 100.0) == ["read 0"]


def test_commands_neither_wait_for_the_budget_nor_use_it() -> None:
    queue: ProviderQueue[str] = new_lane(requests_per_second=1)
    queue.push("read", 0.0)
    served(queue, 0.0)
    queue.push("cancel", AT_ONCE)
    queue.push("next read", 0.0)

    assert served(queue, 0.5) == ["cancel"]
    assert served(queue, 1.0) == ["next read"]


def test_without_a_budget_there_is_no_spacing() -> None:
    assert len(served(full(100), 0.0)) == 100


def test_what_was_taken_back_is_not_served() -> None:
    queue: ProviderQueue[str] = new_lane()
    entry = queue.push("unwanted", 0.0)
    queue.push("wanted", 1.0)
    queue.take_back(entry)

    assert queue.next_due() == 1.0
    assert served(queue, 1.0) == ["wanted"]


def test_taking_back_what_was_served_or_taken_back_changes_nothing() -> None:
    queue: ProviderQueue[str] = new_lane()
    entry, other = queue.push("served", 0.0), queue.push("twice", 0.0)
    queue.pop(0.0)
    for unwanted in (entry, other, other):
        queue.take_back(unwanted)

    assert len(queue) == 0


def test_the_length_counts_those_that_are_still_to_be_served() -> None:
    queue = full(5)
    queue.pop(0.0)
    queue.take_back(queue.push("unwanted", 0.0))

    assert len(queue) == 4


def test_taking_back_many_leaves_the_others_in_order() -> None:
    queue: ProviderQueue[str] = new_lane()
    numbers = list(range(1_000))
    random.Random(7).shuffle(numbers)
    tickets = {number: queue.push(str(number), float(number)) for number in numbers}
    for number in numbers[:950]:
        queue.take_back(tickets[number])

    assert served(queue, 1_000.0) == [str(number) for number in sorted(numbers[950:])]


def test_withdrawn_entries_do_not_pile_up_and_others_keep_their_places() -> None:
    queue: ProviderQueue[str] = new_lane()
    wanted = [f"wanted {number}" for number in range(10)]
    for number, item in enumerate(wanted):
        queue.push(item, float(number))
    for _ in range(10_000):
        queue.take_back(queue.push("unwanted", math.inf))

    assert len(queue._heap) < 200
    assert served(queue, 10.0) == wanted


def test_calls_that_return_at_once_get_a_further_worker_only_when_they_are_late() -> None:
    queue = full(2)
    queue.is_quick = True
    assert queue.next_start() == 0.0

    assert queue.pop(0.0) == "read 0"
    assert queue.next_start() == LATE_SECONDS
    assert queue.next_due() == 0.0  # the worker itself goes on with it

    queue.write_off()
    assert queue.next_start() == 0.0


def test_calls_that_may_take_time_get_a_worker_each() -> None:
    queue = full(2)
    queue.pop(0.0)

    assert queue.next_start() == 0.0
