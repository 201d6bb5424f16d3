"""Ctrl-C, SIGTERM and SIGHUP: the first asks a program to save what it has and end, the second ends it at once."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

#: Seconds in which a second signal counts as part of the first: ``timeout`` and terminals send one to the program and
#: one to its group.
SAME = 0.2
#: Windows has no SIGHUP.
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def exit_code(number: int) -> int:
    """What a program returns that a signal ended, as shells count it: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + number


def nothing_kept(number: int) -> int:
    """Say that a signal came before there was anything to save; the exit code."""
    print("nst: interrupted so early that nothing is kept.", file=sys.stderr)
    return exit_code(number)


def catch_signals(program: str) -> list[int]:
    """Catch the signals from now on; ones that whoever started the program has turned off, as nohup does, stay so.

    Args:
        program: begins the line on stderr with which a second signal ends the program.

    Returns:
        A list to which the number of the first signal is added.
    """
    caught: list[int] = []
    first = 0.0

    def receive(number: int, _frame: FrameType | None) -> None:
        nonlocal first
        if not caught:
            first = time.monotonic()
            caught.append(number)
        elif time.monotonic() > first + SAME:
            with suppress(OSError):
                os.write(2, f"{program}: ended by a second signal; what is not saved yet is lost.\n".encode())
            os._exit(exit_code(number))

    for number in SIGNALS:
        # A shell turns off Ctrl-C for what it starts in the background; an explicit SIGINT is still meant.
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, receive)
    return caught


@contextmanager
def caught_signals(program: str) -> Iterator[list[int]]:
    """``catch_signals`` within a block."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield catch_signals(program)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
