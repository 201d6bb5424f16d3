"""What the heap keeps and gives back, as the system's own counters tell it, in a process of its own."""

import platform
import subprocess
import sys

import pytest

_FAULTS = """
import ctypes, resource, sys, threading
from nst.process import trim_heap, tune_heap_and_openmp
if "keep" in sys.argv:
    tune_heap_and_openmp()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        block = ctypes.c_void_p(library.malloc(40 * 2**20))
        library.memset(block, 1, 40 * 2**20)
        library.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def held():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) // 1024

def work():
    faults(), faults()
    print(faults(), held())
    trim_heap()
    print(held())

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def told(*how: str) -> tuple[int, int, int]:
    """Page faults of ten times 40 MB in a thread, MB held after them, and after giving back."""
    result = subprocess.run([sys.executable, "-c", _FAULTS, *how], capture_output=True, text=True, check=True)
    faults, held, left = (int(word) for word in result.stdout.split())
    return faults, held, left


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_freed_memory_is_used_again_and_given_back_when_told() -> None:
    default, kept = told(), told("keep")
    # 40 MB are 10240 pages of 4 kB, or 20 huge ones.
    assert kept[0] < default[0] / 10
    assert kept[1] > default[1] + 30
    assert kept[2] < kept[1] - 30
