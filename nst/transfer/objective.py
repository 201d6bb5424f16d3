"""What is minimised at one scale: the targets of content and styles, and the weighted sum of all losses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor

from nst.features.base import FeatureNetwork
from nst.features.precision import supported_precision, tf32_where_chosen
from nst.settings import Settings
from nst.steps import Losses
from nst.transfer.brushwork import Brushwork
from nst.transfer.colours import LEAST_SPREAD
from nst.transfer.losses import balanced_style_loss, combine_layers, raw_style_loss
from nst.transfer.measurement import Measurement, Prediction
from nst.transfer.memory import WHOLE, Tiling
from nst.transfer.regions import Regions, whole
from nst.transfer.targets import style_shares, style_targets
from nst.transfer.tiles import Name, gradient_over, means_over

#: Means over a whole picture by name; see ``Measurement.means_of``.
Values = Mapping[Name, Tensor]


class Objective:
    """The losses of an image against fixed targets, measured tile by tile where it does not fit as a whole.

    Args:
        network: the feature network, on the device that computes.
        content: (1, 3, H, W) in [0, 1], there or in the machine's own memory.
        styles: one or more pictures (1, 3, H, W) in [0, 1], each of any size; likewise.
        settings: the layers, the kinds of loss and the styles' weights are fixed here; the other weights are
            passed to each ``measure``, because they may be moved during a run.
        tiling: how pictures are cut; it changes results only by rounding.
        device: the one that computes; the content's when None.
        regions: of the content, which say what is painted in which styles; all of it in all of them when None.
        prediction: of a frame of a film.

    Raises:
        SettingsError: not one style weight for each style, or all of them 0.
    """

    def __init__(
        self,
        network: FeatureNetwork,
        content: Tensor,
        styles: Sequence[Tensor],
        settings: Settings,
        tiling: Tiling = WHOLE,
        device: torch.device | None = None,
        regions: Regions | None = None,
        prediction: Prediction | None = None,
    ) -> None:
        regions = regions or whole(style_shares(settings.style_weights, len(styles)))
        self.style_layers = settings.style_layers or network.style_layers
        self._content_layers = settings.content_layers or network.content_layers
        self._network, self._tiling = network, tiling
        self._balanced = settings.style_loss == "balanced"
        self._device, self._home = device or content.device, content.device
        self._precision = supported_precision(settings.precision, self._device)
        self._zero = content.new_zeros((), device=self._device)
        self._styles: Sequence[Tensor] = styles
        self._brushwork: Brushwork | None = None
        self._blends = [part.blend for part in regions.parts]
        with torch.no_grad(), self._convolving():
            self._grams = style_targets(
                network, styles, self._blends, self.style_layers, tiling.side, self._device, self._precision
            )
            self._spreads = [_spread(styles, blend) for blend in self._blends]
            self.set_content(content, regions, prediction)
            if settings.patch_weight > 0:
                self._fill_stock()

    def set_content(self, content: Tensor, regions: Regions, prediction: Prediction | None = None) -> None:
        """Take another content of the same size, such as the next frame of a film; the styles stay.

        Args:
            content: (1, 3, H, W) in [0, 1].
            regions: as many as before, in the same blends, wherever they are.
            prediction: of the frame.
        """
        self.regions, self.prediction = regions, prediction
        self._moving = None if regions.strength is None else (regions.strength > 0).to(self._device)
        layers = self.style_layers, self._content_layers
        with torch.no_grad(), self._convolving():
            self._measurement = Measurement(
                self._network, content, layers, regions, self._spreads, self._tiling, self._device,
                self._precision, relative=self._balanced, prediction=prediction,
            )  # fmt: skip

    @property
    def stays_on_device(self) -> bool:
        """Whether all that a gradient needs is on the device that computes, the picture as a whole."""
        whole_picture = len(self._measurement.tiles) == 1 and self._measurement.keeps_targets
        return whole_picture and self._home.type == self._device.type

    def repaint(self, image: Tensor) -> Tensor:
        """Put the image (1, 3, H, W) together from pieces of the styles: the target of the patch loss from now on.

        What is left alone stays as it is.
        """
        self._measurement.repainted = None  # Freed before there is a new one.
        with torch.no_grad():
            repainted = self._fill_stock().repaint(image.detach(), self.regions, self._home)
        self._measurement.repainted = repainted
        return repainted

    def measure(self, image: Tensor, settings: Settings) -> Tensor:
        """All losses of an image, for ``losses``.

        Args:
            image: (1, 3, H, W).
            settings: style_layer_weights and the weight of each term are read.

        Returns:
            A vector: the weighted total, each term, then each style layer. One tensor, so that a GPU is waited for
            only once.
        """
        return self.evaluate(self.means(image), settings)

    def means(self, image: Tensor) -> Values:
        """What all losses of an image (1, 3, H, W) are made of, in one pass of the network without a graph."""
        with self._convolving():
            means = means_over(image, self._measurement.tiles, self._measurement.means_of)
        return {name: mean for name, (mean, _) in means.items()}

    def evaluate(self, means: Values, settings: Settings) -> Tensor:
        """All losses of an image as from ``measure``, from its ``means``."""
        return self._evaluate(means, settings)[1]

    def gradient(self, image: Tensor, settings: Settings) -> tuple[Tensor, Tensor]:
        """The gradient of the weighted total in the image, (1, 3, H, W), and all losses, as from ``measure``.

        It is 0 where the image is left alone.
        """
        measurement = self._measurement
        with self._convolving():
            gradient, values = gradient_over(
                image, measurement.tiles, measurement.means_of, lambda means: self._evaluate(means, settings)
            )
        return gradient if self._moving is None else gradient.mul_(self._moving), values

    def relative_losses(self, means: Values) -> dict[str, float | dict[str, float]]:
        """The metrics of an image's ``means``: layers' losses relative to their targets, whatever is minimised."""
        losses, sizes = self._style_losses(means, balanced_style_loss), self._measurement.content_sizes
        contents = [
            float(means.get(("content", name), self._zero)) / (1.0 if self._balanced else sizes[name])
            for name in self._content_layers
        ]
        return {
            "relative_style_loss": {name: float(loss) for name, loss in self._seen_losses(losses, means)},
            "relative_content_loss": sum(contents) / len(contents),
        }

    def losses(self, values: Tensor) -> Losses:
        """The record of the vector that ``measure`` returned."""
        total, *losses = values.tolist()
        count = len(losses) - len(self.style_layers)
        terms, layers = losses[:count], losses[count:]
        return Losses(
            terms=dict(zip(TERMS, terms, strict=False)),  # The last is not there without a film.
            style_layers=dict(zip(self.style_layers, layers, strict=True)),
            total=total,
        )

    # --- the terms: each a function of means -----------------------------------------------------

    def content_term(self, means: Values, _settings: Settings) -> Tensor:
        """The mean of the content layers' losses."""
        return torch.stack([means.get(("content", name), self._zero) for name in self._content_layers]).mean()

    def style_term(self, means: Values, settings: Settings) -> Tensor:
        """The style layers' losses, combined by their weights in each region."""
        return self._over_regions([self._combine_layers(i, means, settings) for i in range(len(self._grams))])

    def tv_term(self, means: Values, _settings: Settings) -> Tensor:
        """Total variation."""
        return means.get(("variation", "down"), self._zero) + means.get(("variation", "across"), self._zero)

    def patch_term(self, means: Values, _settings: Settings) -> Tensor:
        """The distance to the repainted picture; 0 before there is one."""
        return self._over_regions([means.get(("patch", i), self._zero) for i in range(len(self._grams))])

    def temporal_term(self, means: Values, _settings: Settings) -> Tensor:
        """The distance to the prediction where it can be relied on; 0 where that is nowhere."""
        return means.get(("temporal",), self._zero)

    def _weights(self, settings: Settings) -> dict[str, float]:
        """The weight of each term; only a frame of a film has the temporal one."""
        weights = {name: getattr(settings, f"{name}_weight") for name in TERMS if name != "temporal"}
        return {**weights, "temporal": self.prediction.weight} if self.prediction else weights

    def _over_regions(self, losses: Sequence[Tensor]) -> Tensor:
        """The mean of the losses of all regions, by their areas, so that each pixel is pulled as in a region alone."""
        parts = zip(self.regions.parts, losses, strict=True)
        return sum((part.share * loss for part, loss in parts), start=self._zero)

    def _combine_layers(self, number: int, means: Values, settings: Settings) -> Tensor:
        """The style loss of one region. A layer counts by its weight, and by how much of the region it sees."""
        weights = dict(zip(self.style_layers, settings.style_layer_weights, strict=True))
        coverage = self._measurement.positions.coverage
        counted = {name: weight * coverage(number, name) for name, weight in weights.items()}
        combined = combine_layers(
            {name: means["style", number, name] for name in weights}, counted, mean=self._balanced
        )
        seen = sum(counted.values())
        return combined if self._balanced or seen == 0 else combined * (sum(weights.values()) / seen)

    def _evaluate(self, means: Values, settings: Settings) -> tuple[Tensor, Tensor]:
        """The weighted total with its graph, and the vector of ``measure`` without one."""
        means = {**means, **self._style_losses(means, balanced_style_loss if self._balanced else raw_style_loss)}
        layers = [self._layer_loss(means, name) for name in self.style_layers]
        weights = self._weights(settings)
        terms = {name: TERMS[name](self, means, settings) for name in weights}
        total = sum((weight * terms[name] for name, weight in weights.items()), start=torch.zeros(()))
        return total, torch.stack([total, *terms.values(), *layers]).detach()

    def _layer_loss(self, losses: Values, name: str) -> Tensor:
        """The loss of a style layer over all regions."""
        return self._over_regions([losses["style", i, name] for i in range(len(self._grams))])

    def _seen_losses(self, losses: Values, means: Values) -> Iterator[tuple[str, Tensor]]:
        """The loss of each style layer over the regions that have a position of it, if any has."""
        for name in self.style_layers:
            seen = [i for i in range(len(self._grams)) if ("gram", i, name) in means]
            if seen:
                share = sum(self.regions.parts[i].share for i in seen)
                yield name, self._layer_loss(losses, name) / share

    def _style_losses(self, means: Values, loss: Callable[[Tensor, Tensor], Tensor]) -> dict[Name, Tensor]:
        """The loss of each style layer in each region; 0 where no position of the layer sees the region alone."""
        return {
            ("style", i, name): loss(means["gram", i, name], target) if ("gram", i, name) in means else self._zero
            for i, targets in enumerate(self._grams)
            for name, target in targets.items()
        }

    def _fill_stock(self) -> Brushwork:
        """The patches of the styles; the styles are let go, as nothing else needs them any more."""
        if self._brushwork is None:
            self._brushwork, self._styles = Brushwork(self._styles, self._blends, self._device), []
        return self._brushwork

    def _convolving(self) -> AbstractContextManager[None]:
        return tf32_where_chosen(self._precision, self._device)


#: How each term of the loss is computed, in the order of the log. The weight of "tv" is the setting ``tv_weight``, and
#: so on, but for "temporal", which only the frames of a film have; log, report and page show every term there is.
TERMS: dict[str, Callable[[Objective, Values, Settings], Tensor]] = {
    "content": Objective.content_term,
    "style": Objective.style_term,
    "tv": Objective.tv_term,
    "patch": Objective.patch_term,
    "temporal": Objective.temporal_term,
}


def _spread(styles: Sequence[Tensor], blend: Sequence[float]) -> float:
    """The variance of the pixel values of some styles, each by its share."""
    variances = [share * style.var(dim=(2, 3), correction=0).mean() for style, share in zip(styles, blend, strict=True)]
    return max(float(sum(variances)), LEAST_SPREAD)
