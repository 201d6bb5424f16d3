"""What a step of the loop costs beside a bare forward and backward of the same truncated VGG-19.

Both do the same convolutions and the same losses with the trained weights; they take turns in one run, and medians are
compared. The bare one is what a tutorial would write: torchvision's own layers in a row.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import vgg19

from benchmarks.machine import photo, tensors
from nst.features.vgg import MEAN, STD, VGGFeatures
from nst.networks import VGG19
from nst.settings import Settings
from nst.steps import Step
from nst.transfer.images import to_tensor
from nst.transfer.loop import stylize_steps
from nst.transfer.objective import Objective
from nst.transfer.options import StylizeOptions

STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT = "conv4_2"


def measure(side: int = 256, turns: int = 12, device: str = "cpu") -> dict[str, Any]:
    """Median seconds of a step of the loop and of the bare pass, and their ratio with its middle half."""
    steps = _loop(side, turns + 3, device)
    bare = _bare_pass(side, torch.device(device))
    for _ in range(2):
        next(steps)
        bare()
    ours, theirs = [], []
    for _ in range(turns):
        ours.append(_seconds(lambda: next(steps)))
        theirs.append(_seconds(bare))
    loop, plain = statistics.median(ours), statistics.median(theirs)
    ratios = sorted(a / b for a, b in zip(ours, theirs, strict=True))
    quarter = len(ratios) // 4
    spread = f"{ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f}"
    return {"loop_s": loop, "bare_s": plain, "ratio": statistics.median(ratios), "spread": spread}


def gradients(side: int = 256) -> dict[str, float]:
    """Relative differences of VGG-19's gradient: ours and plain PyTorch's from float64's, and from each other.

    "open" is what is left between the two where every rectifier lets through and pooling averages: where a value that
    is 0 but for rounding is let through by one way and stopped by the other, the gradient itself has a jump.
    """
    trained = tensors()
    raised = {key: torch.full_like(value, 3.0) if "bias" in key else value / 16 for key, value in trained.items()}
    ours, plain = _vgg_gradient(trained, side), _plainly(_vgg_gradient)(trained, side)
    exact = _vgg_gradient(trained, side, torch.float64)
    opened = _vgg_gradient(raised, side, pooling="average"), _plainly(_vgg_gradient)(raised, side, pooling="average")
    return {
        "ours from float64": _apart(ours, exact),
        "plain from float64": _apart(plain, exact),
        "ours from plain": _apart(ours, plain),
        "ours from plain, open": _apart(*opened),
    }


def _vgg_gradient(
    weights: dict[str, Tensor], side: int, precision: torch.dtype = torch.float32, *, pooling: str = "max"
) -> Tensor:
    """The gradient between two made-up photos."""
    content, style = (to_tensor(photo(side, side, seed=seed)).to(precision) for seed in (0, 1))
    network, settings = VGGFeatures(VGG19, weights, pooling=pooling).to(precision), Settings(patch_weight=0)
    return Objective(network, content, [style], settings).gradient((content + style) / 2, settings)[0]


def _plainly(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function with PyTorch's public operators alone."""

    def called(*arguments: object, **named: object) -> Tensor:
        with patch.dict(os.environ, IMPASTO_CPU_KERNELS="off"):
            return function(*arguments, **named)

    return called


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


def _loop(side: int, steps: int, device: str) -> Iterator[Step]:
    settings = Settings(size=side, coarsest=side, steps=steps)
    options = StylizeOptions(device=device, preview_seconds=0.1)
    return stylize_steps(photo(side, side), photo(side, side, seed=1), settings, options)


def _bare_pass(side: int, device: torch.device) -> Callable[[], None]:
    """A function that does one forward and backward to the pixels."""
    layers = _named_layers(device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (MEAN, STD))

    def features(x: Tensor) -> dict[str, Tensor]:
        x, found = (x - mean) / std, {}
        for name, layer in layers:
            x = layer(x)
            if name in (*STYLE, CONTENT):
                found[name] = x
        return found

    with torch.no_grad():
        grams = {name: _gram(x) for name, x in features(to_tensor(photo(side, side, seed=1), device)).items()}
        wanted = features(to_tensor(photo(side, side), device))[CONTENT]
    pixels = to_tensor(photo(side, side), device).requires_grad_()

    def run() -> None:
        pixels.grad = None
        found = features(pixels)
        style = sum((_gram(found[n]) - grams[n]).square().sum() / grams[n].square().sum() for n in STYLE)
        loss = style + F.mse_loss(found[CONTENT], wanted)
        loss.backward()
        float(loss.detach())

    return run


def _named_layers(device: torch.device) -> list[tuple[str, nn.Module]]:
    """torchvision's layers to conv5_1's ReLU, each ReLU named after its convolution."""
    model = vgg19(weights=None).features
    model.load_state_dict(tensors())
    model = model.to(device).requires_grad_(False)
    named, names = [], iter(VGG19.layers)
    for layer in model:
        if isinstance(layer, nn.ReLU):
            named.append((next(names), nn.ReLU(inplace=False)))
            if named[-1][0] == STYLE[-1]:
                break
        else:
            named.append(("", layer))
    return named


def _gram(x: Tensor) -> Tensor:
    flat = x.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start
