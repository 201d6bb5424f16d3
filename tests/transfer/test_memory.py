"""The estimate of a run's memory against what a run really takes, and the refusal."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from nst.errors import DeviceError
from nst.features.gabor import GaborNetwork
from nst.settings import Settings
from nst.transfer import memory
from nst.transfer.loop import stylize_steps
from nst.transfer.memory import check_enlarging, check_memory, free, needed
from nst.transfer.pyramid import Scale
from tests.networks import TinyNetwork

_RUN = """
import numpy as np
from nst import Settings, stylize_steps
def held(what):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(what)) * 1024
noise = np.random.default_rng(0).integers(0, 256, (384, 384, 3), dtype=np.uint8)
run = stylize_steps(noise, noise, Settings(size=64, coarsest=64, steps=1, network="gabor"), device="cpu")
list(run)
before = held("VmRSS")
list(stylize_steps(noise, noise, Settings(size=384, coarsest=96, steps=6, network="gabor"), device="cpu"))
print(held("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak")
def test_the_estimate_is_near_the_measured_peak() -> None:
    result = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, check=True, cwd=Path.cwd())
    measured = int(result.stdout)
    estimate = needed(Scale(width=384, height=384, steps=6), Settings(), GaborNetwork())
    assert 0.6 < measured / estimate < 1.25


def test_the_estimate_by_hand() -> None:
    # 100 pixels: 200 bytes each for the network, 12 for each of 8 + 2 * 5 copies of the picture.
    scale = Scale(width=10, height=10, steps=1)
    assert needed(scale, Settings(history=5), TinyNetwork()) == 100 * (200 + 18 * 12)
    assert needed(scale, Settings(optimizer="adam"), TinyNetwork()) == 100 * (200 + 10 * 12)
    # Three times the brush: nine times the pixels of the style, at half the bytes.
    assert needed(scale, Settings(optimizer="adam", style_scale=3), TinyNetwork()) == 100 * (900 + 10 * 12)


def test_this_machine_tells_what_is_free() -> None:
    assert 1e7 < free(torch.device("cpu")) < 1e14


def test_a_container_with_a_limit_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    unlimited = free(torch.device("cpu"))
    (tmp_path / "memory.current").write_text("300000000\n")
    (tmp_path / "memory.max").write_text("500000000\n")
    assert free(torch.device("cpu")) == 200_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert free(torch.device("cpu")) == pytest.approx(unlimited, rel=0.5)


def test_a_run_that_cannot_fit_is_refused_with_the_size_that_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 1_000_000_000)
    scale, settings, cpu = Scale(width=4000, height=3000, steps=1), Settings(), torch.device("cpu")
    with pytest.raises(DeviceError) as caught:
        check_memory(scale, settings, GaborNetwork(), cpu)
    sentence = str(caught.value)
    assert sentence.startswith("A result of 4000 x 3000 px needs about 28.0 GB of memory, and 1.0 GB are free;")
    size = int(sentence.split("fits is ")[1].split(" px")[0])
    assert size % 16 == 0
    check_memory(Scale(width=size, height=size * 3 // 4, steps=1), settings, GaborNetwork(), cpu)
    with pytest.raises(DeviceError):
        check_memory(Scale(width=size + 32, height=(size + 32) * 3 // 4, steps=1), settings, GaborNetwork(), cpu)


def test_the_loop_refuses_before_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 10_000)
    grey = np.full((64, 64, 3), 128, np.uint8)
    settings = Settings(size=64, style_layer_weights=(1, 1))
    with pytest.raises(DeviceError, match="largest size that fits"):
        next(stylize_steps(grey, grey, settings, device="cpu", network=TinyNetwork()))


def test_a_picture_that_cannot_be_enlarged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 200_000_000)
    check_enlarging(3000, 2000)
    with pytest.raises(DeviceError, match=r"Enlarging to 8000 x 6000 px needs about 0.8 GB of memory, and 0.2 GB are"):
        check_enlarging(8000, 6000)
