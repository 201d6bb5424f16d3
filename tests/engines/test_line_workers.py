"""A line before several workers: who gets which, and what happens when one is lost."""

import threading

import pytest

from nst.engines.line import Line, Visitor
from nst.errors import BusyError
from nst.limits import Limits
from tests.engines.listening import wait_until
from tests.engines.loops import SAFETY
from tests.engines.test_line import ANN, BOB, EVE, A, B, C, D


def two_at_work(**limits: int) -> Line[list[str], str]:
    line: Line[list[str], str] = Line(Limits(**limits), workers=2)
    for worker, entry in (("one", A), ("two", B)):
        line.join(entry)
        line.free(worker)
        assert line.take() == (entry, worker)
    return line


def test_each_worker_has_an_entry_and_the_rest_wait_behind_all_of_them():
    line = two_at_work(waiting=1)
    line.join(C)
    with pytest.raises(BusyError):
        line.join(D)
    assert line.position(C) == 2
    line.finish(A)
    assert line.position(C) == 0
    line.free("one")
    assert line.take() == (C, "one")


def test_the_turns_count_what_is_at_work_on_every_worker():
    line: Line[list[str], str] = Line(Limits(waiting=9), workers=2)
    for entry, visitor in [(A, ANN), (B, ANN), (C, ANN), (D, EVE)]:
        line.join(entry, visitor)
    for worker in ("one", "two", "one"):
        line.free(worker)
    assert [line.take(), line.take(), line.take()] == [(A, "one"), (D, "two"), (B, "one")]


def test_of_the_free_workers_the_chosen_one_gets_the_entry():
    costs = {"slow": 3.0, "fast": 1.0, "other": 2.0}
    line: Line[list[str], str] = Line(Limits(), 3)
    line.choose = lambda entry, free: min(free, key=costs.get) if entry is A else free[0]
    for worker in costs:
        line.free(worker)
    line.join(A)
    line.join(B)
    assert [line.take(), line.take()] == [(A, "fast"), (B, "slow")]


@pytest.mark.parametrize(("limit", "second"), [("running_each", ANN), ("running_address", BOB)])
def test_nobody_gets_more_workers_than_the_limit_even_if_some_are_idle(limit: str, second: Visitor):
    line: Line[list[str], str] = Line(Limits(waiting=9, waiting_each=1, **{limit: 1}), workers=3)
    for worker in ("one", "two", "three"):
        line.free(worker)
    line.join(A, ANN)
    line.join(B, second)
    assert [line.position(A), line.position(B)] == [0, 1]
    line.join(C, EVE)
    assert [line.take(), line.take()] == [(A, "one"), (C, "two")]
    assert line.position(B) == 2
    with pytest.raises(BusyError, match="waiting for you already"):
        line.join(D, second)
    late: list[object] = []
    taker = threading.Thread(target=lambda: late.append(line.take()))
    taker.start()
    line.finish(A)
    taker.join(SAFETY)
    assert late == [(B, "three")]


def test_whoever_lost_a_worker_gets_the_next_free_one_before_those_who_wait():
    line = two_at_work(waiting=2)
    line.join(C)
    order: list[object] = []
    lost = threading.Thread(target=lambda: order.append((B, line.take_over(lambda: True))))
    lost.start()
    wait_until(lambda: bool(line._stranded))
    taker = threading.Thread(target=lambda: order.append(line.take()))
    taker.start()
    line.free("one")
    lost.join(SAFETY)
    assert order == [(B, "one")]
    line.free("three")
    taker.join(SAFETY)
    assert order[1:] == [(C, "three")]


def test_a_worker_that_is_no_longer_wanted_is_left_to_the_others():
    line = two_at_work(waiting=2)
    assert line.take_over(lambda: False) is None
    line.join(C)
    line.free("one")
    assert line.take() == (C, "one")
    line.close()
    assert line.take_over(lambda: True) is None


def test_every_entry_is_taken_once_however_many_threads_wait():
    line: Line[list[str], str] = Line(Limits(waiting=100), workers=3)
    entries, taken = [[str(number)] for number in range(60)], []

    def work() -> None:
        while (pair := line.take()) is not None:
            entry, worker = pair
            taken.append(entry)
            line.free(worker)
            line.finish(entry)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for worker in ("one", "two", "three"):
        line.free(worker)
    for entry in entries:
        line.join(entry, ready=False)
        line.make_ready(entry)
    wait_until(lambda: len(taken) == len(entries))
    line.close()
    for thread in threads:
        thread.join(SAFETY)
    assert sorted(map(id, taken)) == sorted(map(id, entries))
