"""How the program sets up its own process, before PyTorch is loaded: its memory, and how its threads wait.

A step allocates and frees gigabytes in large pieces. By default glibc takes each from the system and gives it back, and
the system hands every page over cleared: a quarter of the time of a step at 512 px, half of it at 1024 px, more than
half in tiles at 4096 px. What is kept is used again less tightly, by about a sixth of a run's memory.

A step is also a thousand small parallel loops. By default the threads of GNU's OpenMP wait for the next one by spinning
for milliseconds, which takes the processor from whoever would work: beside as many busy processes as cores a step then
takes ten times as long. Asleep at once they wake too late, and the quiet machine is slower by a third.
"""

import ctypes
import logging
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

#: mallopt's names, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_MAX, PERTURB, ARENA_MAX = -1, -4, -6, -8
NEVER = 2**31 - 1
#: malloc fills memory with the complement of what PERTURB is set to, and does not if that is 0.
FILL_WITH_ZEROS, NO_FILL = 0xFF, 0

_filling = threading.Lock()
#: So often a waiting thread looks for work before it sleeps: some tens of microseconds.
SPINS = "1000"


def prepare() -> None:
    """Set the process up, but for what the environment sets already. A library's user calls this or leaves it.

    To be called before torch is imported and before the threads that compute are started.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    library = _glibc()
    if library is None:
        return
    # Only the first heap can grow without mmap, so threads must not get heaps of their own.
    for name, value in ((ARENA_MAX, 1), (TRIM_THRESHOLD, NEVER), (MMAP_MAX, 0)):
        if not library.mallopt(name, value):
            logger.debug("the heap refuses option %d", name)


def give_back() -> None:
    """Give the pages that nothing uses back to the system: after a run, which may have been a large one."""
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
