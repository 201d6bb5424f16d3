"""Which network paints, and why: resolves "auto" and builds the network that was asked for."""

import functools
from collections.abc import Sequence
from pathlib import Path

from nst.errors import SettingsError
from nst.features.base import FeatureNetwork
from nst.features.gabor import GaborNetwork
from nst.features.vgg import BLOCKS, VGGFeatures
from nst.features.vgg import layer_names as vgg_layer_names
from nst.features.weights import MEGABYTES, find_weights, load_tensors
from nst.settings import AUTO, Settings


def explain(network: str = AUTO, weights: str | Path | None = None) -> tuple[str, str]:
    """Which network a setting means on this machine, and one sentence for the user that says why.

    Args:
        network: "auto", "gabor", "vgg19" or "vgg16".
        weights: a file of trained weights the user names, or None.

    Returns:
        The network's name and the sentence.

    Raises:
        WeightsError: a weights file was named and is not there.
    """
    if network == "gabor":
        return "gabor", "The built-in Gabor network paints; it needs no download."
    if network in BLOCKS:
        if find_weights(network, weights) is None:
            return network, (
                f"{_title(network)} paints once its trained weights are here: "
                f"they are not on this machine, and {MEGABYTES[network]} MB are downloaded first."
            )
        return network, f"{_title(network)} paints, as asked for."
    path = find_weights("vgg19", weights)
    if path is not None:
        return "vgg19", "VGG-19 paints: its trained weights are on this machine."
    return "gabor", "The built-in Gabor network paints, because no trained VGG-19 weights are on this machine."


def layer_names(network: str) -> tuple[str, ...]:
    """Every layer of a network ("gabor", "vgg19" or "vgg16"), fine to coarse."""
    return GaborNetwork.layers if network == "gabor" else vgg_layer_names(network)


def default_layers(network: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(style layers, content layers) that a network uses unless told otherwise."""
    kind = GaborNetwork if network == "gabor" else VGGFeatures
    return kind.style_layers, kind.content_layers


def load_network(settings: Settings, weights: str | Path | None = None) -> tuple[FeatureNetwork, str]:
    """The network that the settings ask for, on the CPU, and the sentence that says which and why.

    Raises:
        WeightsError: trained weights are needed and cannot be had.
        SettingsError: a layer that the network does not have, or a weight too many or too few.
    """
    name, reason = explain(settings.network, weights)
    check_layers(_title(name), layer_names(name), default_layers(name)[0], settings)
    if name == "gabor":
        return GaborNetwork(), reason
    stamp = _stamp(find_weights(name, weights))
    return _vgg(name, str(weights or ""), stamp, settings.pooling), reason


def check_layers(title: str, layers: Sequence[str], style_layers: Sequence[str], settings: Settings) -> None:
    """Hold the layers and layer weights in the settings against a network.

    Args:
        title: the network's name in the sentence.
        layers: every layer the network has.
        style_layers: its default style layers.
        settings: style_layers, content_layers and style_layer_weights are read.

    Raises:
        SettingsError: a layer that the network does not have, or a weight too many or too few.
    """
    for field in ("style_layers", "content_layers"):
        for layer in getattr(settings, field):
            if layer not in layers:
                raise SettingsError(f"{field} names {layer}; {title} has {', '.join(layers)}.")
    count, given = len(settings.style_layers or style_layers), len(settings.style_layer_weights)
    if given != count:
        raise SettingsError(f"style_layer_weights has {given} values; it must have {count}, one for each style layer.")


@functools.lru_cache(maxsize=1)
def _vgg(name: str, weights: str, stamp: tuple[str, int, float], pooling: str) -> VGGFeatures:  # noqa: ARG001
    """The last network is kept between runs; ``stamp`` makes a changed file a new network."""
    return VGGFeatures(name, load_tensors(name, weights or None), pooling=pooling)


def _stamp(path: Path | None) -> tuple[str, int, float]:
    if path is None:
        return "", 0, 0.0
    status = path.stat()
    return str(path), status.st_size, status.st_mtime


def _title(network: str) -> str:
    return {"gabor": "the built-in Gabor network", "vgg19": "VGG-19", "vgg16": "VGG-16"}[network]
