"""The C library's heap, told to keep what one step frees for the next.

A step allocates and frees gigabytes in large pieces. By default glibc takes each from the system and gives it back, and
the system hands every page over cleared: a quarter of the time of a step at 512 px, half of it at 1024 px, more than
half in tiles at 4096 px. What is kept is used again less tightly, by about a sixth of a run's memory.
"""

import ctypes
import logging
import platform

logger = logging.getLogger(__name__)

#: mallopt's names, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
NEVER = 2**31 - 1


def keep() -> None:
    """From now on freed memory stays with the process, and every thread uses the same heap.

    To be called before the threads that compute are started. Does nothing where the C library is not glibc.
    """
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


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
