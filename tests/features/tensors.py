"""State dicts for tests of trained weights, and how they are held against what is loaded."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nst.download_progress import ignore_progress
from nst.errors import WeightsError
from nst.features.vgg import tensor_shapes
from nst.features.weights import load_weights
from nst.networks import Network

State = dict[str, Tensor]

#: torchvision's networks see pixels from 0 to 1 divided by 0.226, the original ones from 0 to 255.
SCALE = 255 * 0.226


def constants(network: Network) -> State:
    """Tensors of the right shapes, each of one number throughout, so that their file is small."""
    shapes = tensor_shapes(network)
    return {key: torch.tensor(place / 64).expand(shape) for place, (key, shape) in enumerate(shapes.items(), 1)}


def whole_model(features: Mapping[str, Tensor]) -> State:
    """The state dict of a whole model: features with their prefix, and a classifier that the program does not read."""
    return {f"features.{key}": value for key, value in features.items()} | {
        "classifier.0.weight": torch.zeros(1).expand(4096, 25088),
        "classifier.0.bias": torch.arange(300_000.0),
    }


def same(tensors: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> bool:
    """Whether loaded tensors are those of a state dict, at the scale of the original networks."""
    scales = {key: SCALE if key == "0.weight" or key.endswith(".bias") else 1 for key in state}
    return tensors.keys() == state.keys() and all(
        torch.equal(tensors[key], state[key].float() * scales[key]) for key in state
    )


def refused(network: Network, file: Path | None) -> str:
    """Why there are no weights: one sentence or two, on one line."""
    with pytest.raises(WeightsError) as caught:
        load_weights(network, file, ignore_progress)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    return sentence
