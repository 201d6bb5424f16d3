"""The neutral judge of the race: one loss for finished pictures, whoever painted them.

It is written in plain PyTorch beside the program's own losses, so that a mistake there cannot flatter us.
"""

from collections.abc import Callable, Collection, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import vgg19

from nst.features.vgg import MEAN, STD

STYLE = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
CONTENT = ("conv4_2",)
#: How much the content counts beside the style.
CONTENT_WEIGHT = 0.1

#: Activations by layer name, of an image (1, 3, H, W) in [0, 1].
Features = Callable[[Tensor, Collection[str]], Mapping[str, Tensor]]
#: A scalar loss of an image.
Loss = Callable[[Tensor], Tensor]


class PlainVGG(nn.Module):
    """VGG-19 in torchvision's own layers, run no further than the deepest layer asked for.

    Args:
        tensors: torchvision's ``features`` tensors.
        rectified: a layer is what its ReLU gives, else what its convolution does.
        edge: the picture's edge is continued for the first convolution, else it is surrounded by zeros.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, tensors: Mapping[str, Tensor], *, rectified: bool = True, edge: bool = True) -> None:
        super().__init__()
        model = vgg19(weights=None).features
        model.load_state_dict(dict(tensors))
        if edge:
            model[0].padding_mode = "replicate"
            model[0]._reversed_padding_repeated_twice = [1, 1, 1, 1]
        self.named = _named(model.requires_grad_(False), nn.ReLU if rectified else nn.Conv2d)
        self.layers = nn.ModuleList(layer for _, layer in self.named)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, image: Tensor, names: Collection[str]) -> dict[str, Tensor]:
        """The activations asked for."""
        x, found = (image - self.mean) / self.std, {}
        for name, layer in self.named:
            x = layer(x)
            if name in names:
                found[name] = x
                if len(found) == len(names):
                    break
        return found


def balanced_loss(features: Features, content: Tensor, style: Tensor) -> Loss:
    """The judge's loss: mean of the layers' relative Gram losses + CONTENT_WEIGHT x relative content loss, no TV.

    Args:
        features: the network.
        content, style: pictures in [0, 1], the content (1, 3, H, W) of the images to judge.
    """
    with torch.no_grad():
        grams = {name: gram(x) for name, x in features(style, STYLE).items()}
        wanted = features(content, CONTENT)

    def loss(image: Tensor) -> Tensor:
        found = features(image, {*STYLE, *CONTENT})
        styles = [(gram(found[n]) - g).square().sum() / g.square().sum() for n, g in grams.items()]
        contents = [(found[n] - x).square().mean() / x.square().mean() for n, x in wanted.items()]
        return torch.stack(styles).mean() + CONTENT_WEIGHT * torch.stack(contents).mean()

    return loss


def judge(loss: Loss, picture: Tensor, size: tuple[int, int]) -> float:
    """The loss of a picture (1, 3, h, w) as a viewer gets it: 8 bits a channel, enlarged to (width, height)."""
    seen = enlarged(picture.detach().clamp(0, 1).mul(255).round().div(255), size)
    with torch.no_grad():
        return float(loss(seen))


def enlarged(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """The picture at (width, height), bicubic, free of aliasing when made smaller."""
    if picture.shape[-2:] == size[::-1]:
        return picture
    return F.interpolate(picture, size[::-1], mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def gram(x: Tensor) -> Tensor:
    """The Gram matrix of a layer (1, C, h, w), divided by its positions."""
    flat = x.flatten(2)[0]
    return flat @ flat.T / flat.shape[1]


def _named(model: nn.Sequential, kind: type[nn.Module]) -> list[tuple[str, nn.Module]]:
    """The layers, named convB_I where they are of that kind; no ReLU in place, which would overwrite what is kept."""
    named, block, index = [], 1, 0
    for layer in model:
        index += isinstance(layer, nn.Conv2d)
        name = f"conv{block}_{index}" if isinstance(layer, kind) else ""
        named.append((name, nn.ReLU() if isinstance(layer, nn.ReLU) else layer))
        if isinstance(layer, nn.MaxPool2d):
            block, index = block + 1, 0
    return named
