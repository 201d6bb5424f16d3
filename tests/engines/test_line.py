"""A line before one worker: order, turns and limits."""

import threading

import pytest

from nst.engines.line import Line, Visitor
from nst.errors import BusyError
from nst.limits import Limits
from tests.engines.loops import SAFETY

# Entries are compared by identity, so every test uses these very objects.
A, B, C, D = [["a"], ["b"], ["c"], ["d"]]

ANN, BOB = (Visitor(session=name, address="10.0.0.1") for name in ("ann", "bob"))
EVE = Visitor(session="eve", address="10.0.0.2")


class OneWorker(Line[list[str], str]):
    """A line whose only worker is done with one entry whenever it takes the next."""

    entry: list[str] | None = None

    def take_next(self) -> list[str] | None:
        if self.entry is not None:
            self.finish(self.entry)
        self.free("worker")
        taken = self.take()
        self.entry = taken[0] if taken else None
        return self.entry


def a_line(waiting: int, **limits: int) -> OneWorker:
    return OneWorker(Limits(waiting=waiting, **limits))


def test_position_counts_what_waits_before_and_what_is_at_work():
    line = a_line(3)
    line.join(A)
    assert line.position(A) == 0
    line.take_next()
    line.join(B)
    line.join(C)
    assert [line.position(entry) for entry in (A, B, C)] == [0, 1, 2]
    line.take_next()
    assert [line.position(entry) for entry in (B, C)] == [0, 1]


def test_refuses_beyond_the_limit_in_one_sentence_with_both_numbers():
    line = a_line(2)
    for entry in (A, B, C):
        line.join(entry)
    with pytest.raises(BusyError, match=r"busy: 2 runs are waiting, the limit is 2\."):
        line.join(D)


def test_an_idle_worker_takes_one_even_when_nobody_may_wait():
    line = a_line(0)
    line.join(A)
    with pytest.raises(BusyError):
        line.join(B)


def test_leaving_makes_room_and_moves_the_others_up():
    line = a_line(2)
    for entry in (A, B, C):
        line.join(entry)
    assert line.leave(B)
    assert not line.leave(B)
    assert line.position(C) == 1
    line.join(D)
    assert [line.take_next(), line.take_next(), line.take_next()] == [A, C, D]


def test_what_is_at_work_cannot_leave():
    line = a_line(2)
    line.join(A)
    line.take_next()
    assert not line.leave(A)


def test_entries_are_told_apart_by_identity():
    line = a_line(2)
    first, second = ["a"], ["a"]
    line.join(first)
    line.join(second)
    assert line.leave(second)
    assert line.take_next() is first


def test_closing_wakes_a_taker_and_lets_nobody_in():
    line = a_line(2)
    taken: list[list[str] | None] = []
    taker = threading.Thread(target=lambda: taken.append(line.take_next()))
    taker.start()
    line.close()
    taker.join(SAFETY)
    assert taken == [None]
    with pytest.raises(RuntimeError):
        line.join(A)


# --- turns -------------------------------------------------------------------------------------


def test_one_visitor_with_ten_entries_does_not_keep_another_waiting():
    line = a_line(20)
    many, one = [[f"ann {n}"] for n in range(10)], ["bob"]
    for entry in many:
        line.join(entry, ANN)
    assert line.take_next() is many[0]
    line.join(one, BOB)
    assert line.position(one) == 1
    assert line.position(many[1]) == 2
    assert line.take_next() is one
    assert [line.take_next() for _ in range(9)] == many[1:]


def test_three_visitors_take_turns_whatever_order_they_came_in():
    line = a_line(20)
    for name, visitor in [("a1", ANN), ("a2", ANN), ("b1", BOB), ("a3", ANN), ("e1", EVE), ("b2", BOB)]:
        line.join([name], visitor)
    assert [line.take_next()[0] for _ in range(6)] == ["a1", "e1", "b1", "a2", "b2", "a3"]


def test_turns_go_by_address_before_they_go_by_session():
    line = a_line(20)
    for n in range(10):
        line.join([f"a{n}"], Visitor(session=f"call {n}", address="10.0.0.1"))
    line.join(["e"], EVE)
    assert [line.take_next()[0] for _ in range(11)] == ["a0", "e", *(f"a{n}" for n in range(1, 10))]


def test_an_address_that_was_just_served_waits_for_one_that_was_not():
    line = a_line(20)
    for name, visitor in [("a1", ANN), ("a2", ANN), ("e1", EVE), ("x1", Visitor(address="10.0.0.3"))]:
        line.join([name], visitor)
    assert [line.take_next()[0], line.take_next()[0]] == ["a1", "e1"]
    line.join(["e2"], EVE)
    assert [line.take_next()[0] for _ in range(3)] == ["x1", "a2", "e2"]


def test_an_entry_that_is_not_ready_is_counted_and_passed_over():
    line = a_line(1)
    line.join(A, ready=False)
    line.join(B)
    with pytest.raises(BusyError):
        line.join(C)
    assert line.take_next() is B
    assert line.position(A) == 1
    line.make_ready(A)
    assert line.take_next() is A


def test_it_knows_whether_anybody_else_waits():
    line = a_line(20)
    line.join(A, ANN)
    line.join(B, ANN)
    line.take_next()
    assert not line.others_wait(A)
    line.join(C, BOB)
    assert line.others_wait(A)


def test_a_newcomer_joins_the_present_turn_and_not_the_first_one():
    line = a_line(20)
    for entry in (A, B, C):
        line.join(entry, ANN)
    assert [line.take_next(), line.take_next()] == [A, B]
    line.join(D, BOB)
    assert [line.take_next(), line.take_next()] == [D, C]


# --- how many ----------------------------------------------------------------------------------


def test_a_visitor_may_have_one_at_work_and_one_waiting():
    line = a_line(20, waiting_each=1)
    line.join(A, ANN)
    line.join(B, ANN)
    with pytest.raises(BusyError, match=r"^1 run is waiting for you already; the limit for each visitor is 1"):
        line.join(C, ANN)
    line.join(C, BOB)
    assert [line.take_next(), line.take_next()] == [A, C]
    with pytest.raises(BusyError):
        line.join(D, ANN)
    assert line.take_next() is B
    line.join(D, ANN)


def test_an_address_has_a_limit_of_its_own_whatever_sessions_it_makes_up():
    line = a_line(20, waiting_each=1, waiting_address=2)
    for n in range(3):
        line.join([str(n)], Visitor(session=str(n), address="10.0.0.1"))
    with pytest.raises(BusyError, match=r"^2 runs are waiting for your network address already; the limit is 2"):
        line.join(A, Visitor(session="another", address="10.0.0.1"))
    line.join(A, EVE)
    assert len(line) == 4
