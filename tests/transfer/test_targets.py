"""Targets that are kept: measured once for a style, and never another style's."""

import gc
import weakref
from collections.abc import Collection, Sequence

import pytest
import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.settings import Settings
from nst.transfer import targets
from nst.transfer.objective import Objective
from nst.transfer.targets import style_targets
from tests.networks import TinyNetwork

CPU = torch.device("cpu")


class CountingNetwork(TinyNetwork):
    """Counts how many pictures it has seen."""

    seen = 0

    def forward(self, image: Tensor, layers: Collection[str], *core: object) -> dict[str, Tensor]:
        self.seen += 1
        return super().forward(image, layers, *core)


def style(seed: int) -> Tensor:
    return torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(seed))


def measured(
    network: FeatureNetwork, pictures: Sequence[Tensor], layers: Sequence[str] = ("fine",)
) -> dict[str, Tensor]:
    return style_targets(network, [(1 / len(pictures), picture) for picture in pictures], layers, None, CPU)


def test_the_same_style_is_measured_once() -> None:
    network = CountingNetwork()
    first = measured(network, [style(0)])
    assert measured(network, [style(0)]) is first
    assert network.seen == 1


@pytest.mark.parametrize(
    "other",
    [
        lambda network: measured(network, [style(1)]),
        lambda network: measured(network, [style(0), style(1)]),
        lambda network: measured(network, [style(0).transpose(2, 3).contiguous()]),
        lambda network: measured(network, [style(0)], ("coarse",)),
        lambda _network: measured(TinyNetwork(seed=1), [style(0)]),
        lambda network: style_targets(network, [(1.0, style(0))], ("fine",), None, CPU, "bfloat16"),
    ],
    ids=["picture", "blend", "shape", "layers", "network", "precision"],
)
def test_anything_else_is_measured_anew(other) -> None:
    network = TinyNetwork()
    first, found = measured(network, [style(0)]), other(network)
    assert first.keys() != found.keys() or not torch.equal(first["fine"], found["fine"])


def test_only_the_last_used_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "KEPT", 2)
    network = CountingNetwork()
    for seed in (0, 1, 0, 2, 0, 1):
        measured(network, [style(seed)])
    # 0 and 1; 0 again is kept; 2 drives out 1, not 0, which was used since; then 1 anew.
    assert network.seen == 4


def test_a_network_that_nobody_uses_is_let_go() -> None:
    network = TinyNetwork()
    measured(network, [style(0)])
    gone = weakref.ref(network)
    del network
    gc.collect()
    assert gone() is None


def test_an_objective_takes_the_targets_that_an_earlier_one_left() -> None:
    network, content = CountingNetwork(), style(3)
    settings = Settings(style_layer_weights=(1, 1), patch_weight=0)
    first = Objective(network, content, [style(0)], settings)
    seen = network.seen
    second = Objective(network, content, [style(0)], settings)
    assert network.seen - seen == seen - 1, "all but the style"
    assert torch.equal(second.measure(content, settings), first.measure(content, settings))
