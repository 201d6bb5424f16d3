"""Settings of the process itself: glibc's heap, OpenMP's waiting threads, standard streams. For entry points only.

A step allocates and frees gigabytes in large blocks. By default glibc maps each from the system and returns it, and
the system clears every page first: a quarter of the time of a step at 512 px, half of it at 1024 px, more than half in
tiles at 4096 px. A heap that keeps its blocks is packed less tightly and takes about a sixth more memory.

A step is also a thousand small parallel loops. By default the threads of GNU's OpenMP spin for milliseconds between two
of them and keep the processor from others: beside as many busy processes as cores a step then takes ten times as long.
Threads that sleep at once wake too late, and a step on a quiet machine takes a third longer.
"""

import ctypes
import errno
import io
import logging
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

logger = logging.getLogger(__name__)

#: What writing to a stream raises whose reader has gone, whose terminal was closed, or that was closed itself.
_NOBODY_READS = frozenset({errno.EPIPE, errno.EIO, errno.EBADF})

#: mallopt's names, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_MAX, PERTURB, ARENA_MAX = -1, -4, -6, -8
NEVER = 2**31 - 1
#: malloc fills memory with the complement of what PERTURB is set to, and does not if that is 0.
FILL_WITH_ZEROS, NO_FILL = 0xFF, 0

_filling = threading.Lock()
#: How often a waiting thread looks for work before it sleeps: some tens of microseconds.
SPINS = "1000"


def tune_heap_and_openmp() -> None:
    """Make glibc's heap keep freed memory, and OpenMP's threads spin briefly unless the environment says otherwise.

    For a program's start: call it before torch is imported and before any thread that computes is started.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    library = _glibc()
    if library is None:
        return
    # Only the first heap can grow without mmap, so threads must not get heaps of their own.
    for name, value in ((ARENA_MAX, 1), (TRIM_THRESHOLD, NEVER), (MMAP_MAX, 0)):
        if not library.mallopt(name, value):
            logger.debug("mallopt refuses option %d", name)


class _Output(io.FileIO):
    """A standard stream that drops what nobody reads any more, as after ``| head`` or when the terminal is closed."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in _NOBODY_READS:
                raise
            return memoryview(data).nbytes


def make_streams_safe() -> None:
    """Let every print succeed: with a stream that is closed or has lost its reader, and of any file name.

    A name that is not UTF-8 is written to stdout as the bytes that it is. For a program's start.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # The lowest free descriptor is the closed one, which no other file may get.
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
        elif name != "stdin":
            raw = name == "stdout" and stream.encoding.lower() == "utf-8"
            binary = io.BufferedWriter(_Output(stream.fileno(), "w", closefd=False))
            errors = "surrogateescape" if raw else "backslashreplace"
            by_line = stream.line_buffering or stream.write_through
            setattr(sys, name, io.TextIOWrapper(binary, stream.encoding, errors, line_buffering=by_line))


def trim_heap() -> None:
    """Return the heap's free pages to the system, as after a large run; without glibc, do nothing."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@contextmanager
def zeroed_memory() -> Iterator[None]:
    """Let malloc hand out zeros, for a library that may return memory it has never written to.

    With glibc only, and not for pieces of up to 1032 bytes, which it keeps for each thread. One block runs at a time.
    """
    library = _glibc()
    if library is None:
        yield
        return
    with _filling:
        library.mallopt(PERTURB, FILL_WITH_ZEROS)
        try:
            yield
        finally:
            library.mallopt(PERTURB, NO_FILL)


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
