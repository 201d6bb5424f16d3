"""The heap by the system's own counters, and what a library's user keeps unchanged: each in a process of its own."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from nst import process

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


_LIBRARY = """
import os, sys
from pathlib import Path
before = dict(os.environ)
import nst, nst.process
touched = []
class Library:
    def __getattr__(self, name):
        touched.append(name)
        return lambda *_: 1
nst.process._glibc = Library
import nst.engines.zero
from nst.engines.local import LocalEngine
nst.Settings, nst.stylize_steps
engine = LocalEngine("cpu", Path(sys.argv[1]), paint=lambda *_, **__: iter(()))
engine.close()
changed = {name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)}
print(sorted(changed), touched)
nst.process.tune_heap_and_openmp()
print(len(touched))
"""


def measured(*how: str) -> tuple[int, int, int]:
    """Page faults of ten times 40 MB in a thread, MB held after them, and after trimming."""
    result = subprocess.run([sys.executable, "-c", _FAULTS, *how], capture_output=True, text=True, check=True)
    faults, held, left = (int(word) for word in result.stdout.split())
    return faults, held, left


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_freed_memory_is_used_again_until_the_heap_is_trimmed() -> None:
    default, kept = measured(), measured("keep")
    # 40 MB are 10240 pages of 4 kB, or 20 huge ones.
    assert kept[0] < default[0] / 10
    assert kept[1] > default[1] + 30
    assert kept[2] < kept[1] - 30


def test_a_library_users_process_is_left_as_it_is(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    command = [sys.executable, "-c", _LIBRARY, str(tmp_path)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["[] []", "3"]


def test_openmp_spins_briefly_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_glibc", lambda: None)
    monkeypatch.setattr(os, "environ", {})
    process.tune_heap_and_openmp()
    assert os.environ == {"GOMP_SPINCOUNT": process.SPINS}
    for setting in ({"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}):
        monkeypatch.setattr(os, "environ", dict(setting))
        process.tune_heap_and_openmp()
        assert os.environ == setting
