"""The estimate of a run's memory against what a run really takes, and the refusal."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from nst.errors import DeviceError
from nst.features.base import FeatureNetwork
from nst.features.vgg import VGGFeatures
from nst.networks import VGG19
from nst.pyramid import Scale
from nst.settings import Settings
from nst.transfer import memory
from nst.transfer.memory import Load, Tiling, check_enlarging, choose_tiling, free
from nst.transfer.optimizers import copies
from tests.features.test_vgg import random_tensors
from tests.networks import TinyNetwork
from tests.transfer.runs import run

_RUN = """
import ctypes
import numpy as np
from nst import Settings, StylizeOptions, stylize_steps
def held(what):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(what)) * 1024
noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
cpu = StylizeOptions(device="cpu")
list(stylize_steps(noise, noise, Settings(size=192, coarsest=192, steps=1), cpu))
# What was freed goes back to the system, else it hides in the heap.
ctypes.CDLL("libc.so.6").malloc_trim(0)
before = held("VmRSS")
list(stylize_steps(noise, noise, Settings(size=256, coarsest=256, steps=1), cpu))
print(held("VmHWM") - before)
"""


@pytest.fixture
def vgg19(monkeypatch: pytest.MonkeyPatch) -> VGGFeatures:
    """A thin one, as where weights are not laid out. Its memory is told as that of the full one, which was measured."""
    monkeypatch.setenv("IMPASTO_CPU_KERNELS", "off")
    return VGGFeatures(VGG19, random_tensors(VGG19, thinner=16))


def load(settings: Settings, network: FeatureNetwork | None = None, input_pixels: int = 0) -> Load:
    return Load(
        settings=settings, network=network or TinyNetwork(), device=torch.device("cpu"), input_pixels=input_pixels
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell a process's peak")
def test_the_estimate_is_near_the_measured_peak(vgg19: VGGFeatures) -> None:
    result = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, check=True, cwd=Path.cwd())
    measured = int(result.stdout)
    estimate = load(Settings(), vgg19, input_pixels=2 * 256**2).needed(Scale(width=256, height=256, steps=1))
    assert 0.6 < measured / estimate < 1.25


def test_the_estimate_by_hand() -> None:
    # 100 pixels: 200 bytes each for the network, 12 for each of 7 copies of the picture and the optimiser's.
    scale = Scale(width=10, height=10, steps=9)
    settings = Settings(history=5)
    assert load(settings).needed(scale) == 100 * (200 + (7 + copies(settings)) * 12)
    # In two steps only two are remembered.
    short = Scale(width=10, height=10, steps=2)
    assert load(settings).needed(short) == 100 * (200 + (7 + copies(settings.replace(history=2))) * 12)
    # A mask of three regions: four more copies of the picture, and a tenth of the network's bytes for two of the three.
    masked = replace(load(settings), regions=3).needed(scale)
    assert masked == load(settings).needed(scale) + 100 * (4 * 12 + 0.2 * 200)
    # 50 pixels in the pictures that were given.
    assert load(settings, input_pixels=50).needed(scale) == load(settings).needed(scale) + 50 * 12
    # Three times the brush: nine times the pixels of the style at half the bytes, and a picture nine times as large.
    adam = Settings(optimizer="adam", style_scale=3)
    assert load(adam).needed(scale) == 100 * (900 + max(7 + copies(adam), 5 + 9) * 12)


def test_the_estimate_in_tiles_by_hand() -> None:
    # Tiles of 256 pixels with 3 around them, 200 bytes for each; a layer with 12 channels at half the size is kept.
    scale, settings = Scale(width=1000, height=600, steps=20), Settings(optimizer="adam")
    pictures = 1000 * 600 * (7 + copies(settings)) * 12
    assert load(settings).needed(scale, Tiling(256)) == pictures + 262**2 * 200 + 1000 * 600 * 12
    assert load(settings).needed(scale, Tiling(256, keeps_targets=False)) == pictures + 262**2 * 200
    assert load(settings).needed(scale, Tiling(2048, keeps_targets=False)) == pictures + 1000 * 600 * 200


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


@pytest.mark.parametrize(
    ("available", "side", "keeps"),
    # Never 2048: VGG-19 looks 70 pixels beyond a tile, at full cost, and 24 times that is enough.
    [(70, None, True), (22, 1024, True), (8, 1024, True), (7.7, 1024, False), (4.3, 512, True), (4, 512, False),
     (3.2, 256, True), (2.9, 256, False)],
)  # fmt: skip
def test_the_quickest_tiles_that_fit_are_taken(
    monkeypatch: pytest.MonkeyPatch, vgg19: VGGFeatures, available: float, side: int | None, keeps: bool
) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: int(available * 1e9))
    a_load = load(Settings(optimizer="adam", content_layers=("conv1_2",)), vgg19)
    scale = Scale(width=4096, height=4096, steps=1)
    tiling = choose_tiling(scale, a_load)
    assert (tiling.side, tiling.keeps_targets) == (side, keeps)
    assert a_load.needed(scale, tiling) == tiling.needed <= available * 0.9e9
    assert (tiling.note == "") == (side is None)


def test_what_may_be_used_counts_beside_what_is_free(monkeypatch: pytest.MonkeyPatch, vgg19: VGGFeatures) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 40_000_000_000)
    held = psutil.Process().memory_info().rss
    scale, a_load = Scale(width=2048, height=2048, steps=1), load(Settings(), vgg19)
    assert choose_tiling(scale, a_load).side is None
    tiling = choose_tiling(scale, a_load, held + 4_000_000_000)
    assert tiling.side is not None
    assert tiling.needed < 4_000_000_000
    assert "GB may be used; in tiles it needs" in tiling.note


def test_a_run_that_cannot_fit_is_refused_with_the_size_that_would(
    monkeypatch: pytest.MonkeyPatch, vgg19: VGGFeatures
) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 1_000_000_000)
    a_load = load(Settings(), vgg19)
    with pytest.raises(DeviceError) as caught:
        choose_tiling(Scale(width=4000, height=3000, steps=1), a_load)
    sentence = str(caught.value)
    assert re.match(r"A result of 4000 x 3000 px needs about \d\.\d GB of memory, and 1\.0 GB are free;", sentence)
    size = int(sentence.split("fits is ")[1].split(" px")[0])
    assert size % 16 == 0
    choose_tiling(Scale(width=size, height=size * 3 // 4, steps=1), a_load)
    with pytest.raises(DeviceError):
        choose_tiling(Scale(width=size + 32, height=(size + 32) * 3 // 4, steps=1), a_load)


def test_the_loop_refuses_before_it_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 10_000)
    grey = np.full((64, 64, 3), 128, np.uint8)
    settings = Settings(size=64, style_layer_weights=(1, 1))
    with pytest.raises(DeviceError, match=r"nothing fits beside photo and styles, which take 0\.0 GB"):
        next(run(settings, grey, grey))


def test_a_picture_that_cannot_be_enlarged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda _device: 200_000_000)
    check_enlarging(3000, 2000)
    with pytest.raises(DeviceError, match=r"0.3 GB of memory"):
        check_enlarging(3000, 2000, masked=True)
    with pytest.raises(DeviceError, match=r"Enlarging to 8000 x 6000 px needs about 0.8 GB of memory, and 0.2 GB are"):
        check_enlarging(8000, 6000)
