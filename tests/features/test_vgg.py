"""VGG with a full-size random state dict: the architecture, held against torchvision's own."""

import pytest
import torch
from torch import Tensor
from torchvision.models import get_model

from nst.features.vgg import MEAN, STD, VGGFeatures, tensor_shapes
from nst.networks import NETWORKS, VGG16, VGG19, Network


def random_tensors(network: Network, seed: int = 0, thinner: int = 1) -> dict[str, Tensor]:
    """Weights scaled so that activations neither vanish nor explode (He et al. 2015).

    Of the full size, or with ``thinner`` times fewer channels.
    """
    generator = torch.Generator().manual_seed(seed)
    shapes = {
        key: tuple(side // thinner if side >= 64 else side for side in shape)
        for key, shape in tensor_shapes(network).items()
    }
    return {
        key: torch.randn(shape, generator=generator) * ((2 / (shape[1] * 9)) ** 0.5 if len(shape) == 4 else 0.01)
        for key, shape in shapes.items()
    }


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return random_tensors(VGG19)


@pytest.fixture(scope="module")
def image() -> Tensor:
    return torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("entry", NETWORKS.values(), ids=NETWORKS)
def test_tensor_shapes_are_torchvisions(entry: Network) -> None:
    with torch.device("meta"):
        state = get_model(entry.name).features.state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == tensor_shapes(entry)


@pytest.mark.parametrize("entry", NETWORKS.values(), ids=NETWORKS)
def test_activations_are_torchvisions_away_from_the_border(entry: Network, image: Tensor) -> None:
    """The first padding differs on purpose, so a picture with a constant border of the mean colour is compared."""
    tensors = random_tensors(entry)
    framed = torch.tensor(MEAN).view(1, 3, 1, 1).expand(1, 3, 48, 64).clone()
    framed[..., 4:-4, 4:-4] = image
    with torch.device("meta"):
        model = get_model(entry.name).features
    model.to_empty(device="cpu").load_state_dict(tensors)
    normalised = (framed - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    network = VGGFeatures(entry, tensors)
    with torch.no_grad():
        expected, x = {}, normalised
        activations = iter(network.layers)
        for module in model:
            x = module(x)
            if isinstance(module, torch.nn.ReLU):
                expected[next(activations)] = x.clone()
        found = network(framed, network.layers)
    assert list(found) == list(network.layers)
    for layer in network.layers:
        assert torch.allclose(found[layer], expected[layer], rtol=1e-4, atol=1e-4), layer


def test_a_kept_activation_is_rectified_and_not_overwritten(tensors: dict[str, Tensor], image: Tensor) -> None:
    network = VGGFeatures(VGG19, tensors)
    both = network(image, {"conv1_1", "conv1_2"})
    alone = network(image, {"conv1_1"})
    assert torch.equal(both["conv1_1"], alone["conv1_1"])
    assert alone["conv1_1"].min() == 0


def test_only_what_is_needed_is_computed(tensors: dict[str, Tensor], image: Tensor) -> None:
    network = VGGFeatures(VGG19, tensors)
    ran = []
    for name, convolution in zip(network.layers, network.convolutions, strict=True):
        convolution.register_forward_hook(lambda *_, name=name: ran.append(name))
    network(image, {"conv2_1"})
    assert ran == ["conv1_1", "conv1_2", "conv2_1"]


def test_the_pictures_edge_is_continued(tensors: dict[str, Tensor]) -> None:
    flat = torch.full((1, 3, 16, 16), 0.9)
    activation = VGGFeatures(VGG19, tensors)(flat, {"conv1_1"})["conv1_1"]
    assert torch.allclose(activation, activation[..., 8:9, 8:9].expand_as(activation), atol=1e-6)


def test_pooling_by_hand() -> None:
    image = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    tensors = random_tensors(VGG16)
    assert VGGFeatures(VGG16, tensors)._pool(image).item() == 6
    assert VGGFeatures(VGG16, tensors, pooling="average")._pool(image).item() == 3.0 * 2.0


def test_average_pooling_keeps_the_size_of_activations(tensors: dict[str, Tensor], image: Tensor) -> None:
    deep = [VGGFeatures(VGG19, tensors, pooling=p)(image, {"conv4_1"})["conv4_1"] for p in ("max", "average")]
    ratio = deep[1].std() / deep[0].std()
    assert 0.3 < ratio < 3


def test_gradients_reach_the_picture_and_not_the_weights(tensors: dict[str, Tensor], image: Tensor) -> None:
    pixels = image.clone().requires_grad_()
    network = VGGFeatures(VGG19, tensors)
    network(pixels, {"conv3_1"})["conv3_1"].square().mean().backward()
    assert pixels.grad is not None
    assert pixels.grad.abs().sum() > 0
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_the_narrowest_picture_passes(tensors: dict[str, Tensor]) -> None:
    found = VGGFeatures(VGG19, tensors)(torch.rand(1, 3, 3, 64), {"conv5_1"})
    assert found["conv5_1"].shape == (1, 512, 1, 4)


def test_an_unknown_layer_is_a_bug(tensors: dict[str, Tensor], image: Tensor) -> None:
    with pytest.raises(ValueError, match="no layer conv9_1"):
        VGGFeatures(VGG19, tensors)(image, {"conv9_1"})
