import threading

import pytest

from nst.engines.line import Line
from nst.errors import BusyError

# Entries are compared by identity, so every test uses these very objects.
A, B, C, D = [["a"], ["b"], ["c"], ["d"]]


def test_first_come_first_served():
    line: Line[list[str]] = Line(3)
    for entry in (A, B, C):
        line.join(entry)
    assert [line.take(), line.take(), line.take()] == [A, B, C]


def test_position_counts_what_waits_before_and_what_is_at_work():
    line: Line[list[str]] = Line(3)
    line.join(A)
    assert line.position(A) == 0
    line.take()
    line.join(B)
    line.join(C)
    assert [line.position(entry) for entry in (A, B, C)] == [0, 1, 2]
    line.take()
    assert [line.position(entry) for entry in (B, C)] == [0, 1]


def test_refuses_beyond_the_limit_in_one_sentence_with_both_numbers():
    line: Line[list[str]] = Line(2)
    for entry in (A, B, C):
        line.join(entry)
    with pytest.raises(BusyError, match=r"busy: 2 runs are waiting, the limit is 2\."):
        line.join(D)


def test_whether_the_worker_has_picked_up_the_first_makes_no_difference():
    line: Line[list[str]] = Line(1)
    line.join(A)
    line.take()
    line.join(B)
    with pytest.raises(BusyError):
        line.join(C)


def test_an_idle_worker_takes_one_even_when_nobody_may_wait():
    line: Line[list[str]] = Line(0)
    line.join(A)
    with pytest.raises(BusyError):
        line.join(B)


def test_leaving_makes_room_and_moves_the_others_up():
    line: Line[list[str]] = Line(2)
    for entry in (A, B, C):
        line.join(entry)
    assert line.leave(B)
    assert not line.leave(B)
    assert line.position(C) == 1
    line.join(D)
    assert [line.take(), line.take(), line.take()] == [A, C, D]


def test_what_is_at_work_cannot_leave():
    line: Line[list[str]] = Line(2)
    line.join(A)
    line.take()
    assert not line.leave(A)


def test_entries_are_told_apart_by_identity():
    line: Line[list[str]] = Line(2)
    first, second = ["a"], ["a"]
    line.join(first)
    line.join(second)
    assert line.leave(second)
    assert line.take() is first


def test_closing_wakes_a_taker_and_lets_nobody_in():
    line: Line[list[str]] = Line(2)
    taken: list[list[str] | None] = []
    taker = threading.Thread(target=lambda: taken.append(line.take()))
    taker.start()
    line.close()
    taker.join(20)
    assert taken == [None]
    with pytest.raises(RuntimeError):
        line.join(A)
