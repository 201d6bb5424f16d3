"""Published descents, each written from the description of its algorithm, in plain PyTorch.

They cannot be installed from a package registry. What each does:

- crowsonkb/style-transfer-pytorch, its defaults: VGG-19, Wasserstein-2 distance between Gaussians of the activations
  (weights 256, 64, 16, 4, 1, which sum to 1), content relu4_2 x 0.015, total variation x 2, from the photo; 128 px to
  the result's size by sqrt 2, 1000 steps and then 500 a scale of Adam at 0.02 with betas 0.9 and 0.99, pixels clamped,
  their moving average (0.99) is the picture and begins the next scale, Adam's moments are resized with it.
- the PyTorch tutorial "Neural Transfer": VGG-19, its first five convolutions before their ReLUs, Gram / (C H W), mean
  squares x 1e6, content the fourth convolution x 1, from the photo; 300 evaluations of L-BFGS as torch sets it up, the
  pixels clamped before each.
- the Keras example of 2020: VGG-19, squares of undivided Grams by 4 x 3^2 x (pixels)^2 x 1e-6 / 5, squares of
  block5_conv2 x 2.5e-8, total variation to the power 1.25 x 1e-6, of pixels from 0 to 255, from the photo; 4000 steps
  of gradient descent at a rate of 100, 0.96 of it after every 100 steps.
"""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from benchmarks.judge import CONTENT, STYLE, Features, Loss, enlarged, gram

#: The loss at a scale, by its long side in pixels.
LossAt = Callable[[int], Loss]
#: (long side, steps) by scale.
Scales = Sequence[tuple[int, int]]

CROWSONKB_WEIGHTS = dict(zip(STYLE, (256 / 341, 64 / 341, 16 / 341, 4 / 341, 1 / 341), strict=True))
TUTORIAL_STYLE = ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1")
TUTORIAL_CONTENT = "conv2_2"
#: The tutorial's style weight; its optimiser's thresholds are absolute and need losses of this size.
TUTORIAL_WEIGHT = 1e6
KERAS_CONTENT = "conv5_2"
#: The rate for pixels from 0 to 255, and what is left of it after 100 steps.
KERAS_RATE, KERAS_DECAY = 100.0, 0.96
#: Keeps covariances positive.
RIDGE = 1e-4


def crowsonkb_scales(side: int) -> list[tuple[int, int]]:
    """128 px to ``side`` by sqrt 2, 1000 steps and then 500 a scale."""
    sides = [side]
    while sides[-1] / 2**0.5 >= 127:
        sides.append(round(side / 2 ** (len(sides) / 2)))
    return [(each, 500 if level else 1000) for level, each in enumerate(reversed(sides))]


def crowsonkb(loss_at: LossAt, photo: Tensor, scales: Scales) -> Iterator[Tensor]:
    """The moving average of the pixels after each step."""
    average, moments = photo, None
    for side, steps in scales:
        loss, pixels = loss_at(side), enlarged(average, (side, side)).clone().requires_grad_()
        adam = torch.optim.Adam([pixels], lr=0.02, betas=(0.9, 0.99))
        if moments is not None:
            adam.state[pixels] = _resized(moments, side)
        total, share = torch.zeros_like(pixels), 0.0
        for _ in range(steps):
            _gradient(loss, pixels)
            adam.step()
            with torch.no_grad():
                pixels.clamp_(0, 1)
                total, share = torch.lerp(total, pixels, 0.01), 0.99 * share + 0.01
            average = total / share
            yield average
        moments = adam.state[pixels]


def tutorial(loss: Loss, photo: Tensor, steps: int = 300) -> Iterator[Tensor]:
    """The pixels after each evaluation; one iteration a call makes the same steps as 20."""
    pixels = photo.clone().requires_grad_()
    lbfgs = torch.optim.LBFGS([pixels], max_iter=1)

    def closure() -> Tensor:
        with torch.no_grad():
            pixels.clamp_(0, 1)
        return _gradient(loss, pixels)

    for _ in range(steps):
        lbfgs.step(closure)
        yield pixels.detach()


def keras(loss: Loss, photo: Tensor, steps: int = 4000) -> Iterator[Tensor]:
    """The pixels after each step of gradient descent at a falling rate."""
    pixels = photo.clone().requires_grad_()
    for step in range(steps):
        _gradient(loss, pixels)
        with torch.no_grad():
            # Pixels between 0 and 1 move 255 times less, on a slope that is 255 times as steep.
            pixels -= pixels.grad * (KERAS_RATE * KERAS_DECAY ** (step / 100) / 255**2)
        yield pixels.detach()


def crowsonkb_loss(features: Features, content: Tensor, style: Tensor) -> Loss:
    """Wasserstein-2 distances of Gaussians by channel count, content and total variation."""
    with torch.no_grad():
        targets = {name: _gaussian(x) for name, x in features(style, STYLE).items()}
        roots = {name: _root(covariance) for name, (_, covariance) in targets.items()}
        wanted = features(content, CONTENT)[CONTENT[0]]

    def loss(image: Tensor) -> Tensor:
        found = features(image, {*STYLE, *CONTENT})
        style_loss = sum(
            CROWSONKB_WEIGHTS[name] * _wasserstein(_gaussian(found[name]), targets[name], roots[name]) for name in STYLE
        )
        content_loss = (found[CONTENT[0]] - wanted).square().mean()
        return style_loss + 0.015 * content_loss + 2 * _variation(image)

    return loss


def tutorial_loss(features: Features, content: Tensor, style: Tensor) -> Loss:
    """Mean squares of Grams divided by C H W, and of the fourth convolution; ``features`` before their ReLUs."""
    with torch.no_grad():
        grams = {name: gram(x) / x.shape[1] for name, x in features(style, TUTORIAL_STYLE).items()}
        wanted = features(content, [TUTORIAL_CONTENT])[TUTORIAL_CONTENT]

    def loss(image: Tensor) -> Tensor:
        found = features(image, TUTORIAL_STYLE)
        style_loss = sum((gram(found[n]) / found[n].shape[1] - g).square().mean() for n, g in grams.items())
        return TUTORIAL_WEIGHT * style_loss + (found[TUTORIAL_CONTENT] - wanted).square().mean()

    return loss


def keras_loss(features: Features, content: Tensor, style: Tensor) -> Loss:
    """The Keras example's own sum, in its own units."""
    pixels = content[0, 0].numel()
    with torch.no_grad():
        grams = {name: _undivided(x) for name, x in features(style, STYLE).items()}
        wanted = features(content, [KERAS_CONTENT])[KERAS_CONTENT]

    def loss(image: Tensor) -> Tensor:
        found = features(image, {*STYLE, KERAS_CONTENT})
        styles = [(_undivided(found[n]) - g).square().sum() / (4 * 3**2 * pixels**2) for n, g in grams.items()]
        down, right = (image[..., :-1, :-1] - image[..., 1:, :-1]), (image[..., :-1, :-1] - image[..., :-1, 1:])
        variation = ((255 * down).square() + (255 * right).square()).pow(1.25).sum()
        content_loss = (found[KERAS_CONTENT] - wanted).square().sum()
        return 2.5e-8 * content_loss + 1e-6 / 5 * torch.stack(styles).sum() + 1e-6 * variation

    return loss


def _gradient(loss: Loss, pixels: Tensor) -> Tensor:
    """The loss, with its gradient left in ``pixels.grad``."""
    pixels.grad = None
    value = loss(pixels)
    value.backward()
    return value.detach()


def _resized(moments: dict[str, Tensor], side: int) -> dict[str, Tensor]:
    first, second = (
        torch.nn.functional.interpolate(moments[name], (side, side), mode=mode, align_corners=False)
        for name, mode in (("exp_avg", "bicubic"), ("exp_avg_sq", "bilinear"))
    )
    return {"step": moments["step"], "exp_avg": first, "exp_avg_sq": second}


def _undivided(x: Tensor) -> Tensor:
    """The Gram matrix of a layer, a sum over its positions."""
    flat = x.flatten(2)[0]
    return flat @ flat.T


def _gaussian(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and covariance of a layer's activations over its positions."""
    flat = x.flatten(2)[0]
    mean = flat.mean(dim=1, keepdim=True)
    centred = flat - mean
    ridge = RIDGE * torch.eye(len(flat), device=flat.device)
    return mean[:, 0], centred @ centred.T / flat.shape[1] + ridge


def _root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a positive matrix."""
    values, vectors = torch.linalg.eigh(covariance)
    return vectors * values.clamp_min(0).sqrt() @ vectors.T


def _wasserstein(ours: tuple[Tensor, Tensor], theirs: tuple[Tensor, Tensor], root: Tensor) -> Tensor:
    """The squared Wasserstein-2 distance of two Gaussians, divided by their dimensions."""
    shared = torch.linalg.eigvalsh(root @ ours[1] @ root).clamp_min(RIDGE**2).sqrt().mean()
    spread = (ours[1].diagonal() + theirs[1].diagonal()).mean() - 2 * shared
    return (ours[0] - theirs[0]).square().mean() + spread


def _variation(image: Tensor) -> Tensor:
    """Mean squared differences of neighbours, right plus down."""
    right = image[..., :-1, 1:] - image[..., :-1, :-1]
    down = image[..., 1:, :-1] - image[..., :-1, :-1]
    return (right.square() + down.square()).mean()
