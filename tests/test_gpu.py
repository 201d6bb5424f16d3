"""On a CUDA device: the same picture as on the CPU, to what float32 allows, and an out-of-memory told in a sentence."""

import numpy as np
import pytest
import torch

from nst.errors import DeviceError
from nst.features.gabor import GaborNetwork
from nst.features.vgg import VGGFeatures
from nst.settings import Settings
from nst.steps import Step
from nst.transfer.loop import stylize_steps
from tests.features.test_vgg import random_tensors
from tests.transfer.test_loop import picture

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


def paint(device: str, network: object, **settings: object) -> list[Step]:
    chosen = Settings.from_mapping({"size": 128, "coarsest": 64, "steps": 4, **settings})
    return list(stylize_steps(picture(96, 128), [picture(90, 70, seed=1)], chosen, device=device, network=network))


@pytest.mark.parametrize("kind", ["gabor", "vgg19"])
def test_the_first_losses_agree_with_the_cpus(kind: str) -> None:
    def network() -> object:
        return GaborNetwork() if kind == "gabor" else VGGFeatures("vgg19", random_tensors("vgg19"))

    on_cpu, on_gpu = paint("cpu", network())[0], paint("cuda", network())[0]
    assert on_gpu.losses.total == pytest.approx(on_cpu.losses.total, rel=5e-3)
    assert np.abs(on_gpu.image.astype(int) - on_cpu.image.astype(int)).max() <= 1


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "sgd"])
def test_a_run_finishes_on_the_gpu(optimizer: str) -> None:
    steps = paint("cuda", GaborNetwork(), optimizer=optimizer)
    assert steps[-1].end == "finished"
    assert steps[-1].losses.total < steps[0].losses.total
    assert not steps[0].device.startswith("CPU")


def test_auto_takes_the_gpu() -> None:
    steps = stylize_steps(picture(), picture(seed=1), Settings(size=64, steps=1, network="gabor"))
    assert not next(iter(steps)).device.startswith("CPU")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceError, match="cuda:99"):
        next(stylize_steps(picture(), picture(seed=1), Settings(size=64), device="cuda:99"))
