"""The C library's heap, told to keep what one step frees for the next.

A step allocates and frees a gigabyte in large pieces. By default glibc takes each from the system and gives it back,
and the system hands every page over cleared: a quarter of the time of a step, at 1024 px half of it. What is kept is
used again less tightly, by about a fifth of a run's memory, so very large pictures go without.
"""

import ctypes
import logging
import platform

logger = logging.getLogger(__name__)

#: Results of more pixels than this take memory from the system piece by piece.
MOST_PIXELS = 2048 * 2048
#: mallopt's names, from glibc's malloc.h.
TRIM_THRESHOLD, MMAP_MAX, ARENA_MAX = -1, -4, -8
NEVER, GLIBCS_MMAP_MAX, GLIBCS_TRIM_THRESHOLD = 2**31 - 1, 2**16, 2**17


def share() -> None:
    """Let every thread use the first heap, the only one that can grow without bounds.

    To be called before the threads that compute are started. Does nothing where the C library is not glibc.
    """
    _tell({ARENA_MAX: 1})


def keep(pixels: int) -> None:
    """From now on memory that is freed stays with the process, if a result has few enough pixels."""
    if pixels <= MOST_PIXELS:
        _tell({TRIM_THRESHOLD: NEVER, MMAP_MAX: 0})
    else:
        _tell({TRIM_THRESHOLD: GLIBCS_TRIM_THRESHOLD, MMAP_MAX: GLIBCS_MMAP_MAX})


def give_back() -> None:
    """Give the pages that nothing uses back to the system: after a run, which may have been a large one."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _tell(options: dict[int, int]) -> None:
    library = _glibc()
    if library is None:
        return
    for name, value in options.items():
        if not library.mallopt(name, value):
            logger.debug("the heap refuses option %d", name)


def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
