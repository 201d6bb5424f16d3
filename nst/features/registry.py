"""Which network paints, and why: resolves "auto" and builds the network that was asked for."""

import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from nst.errors import SettingsError, WeightsError
from nst.features.base import FeatureNetwork
from nst.features.gabor import GaborNetwork
from nst.features.vgg import BLOCKS, VGGFeatures
from nst.features.vgg import layer_names as vgg_layer_names
from nst.features.weights.cache import is_locked
from nst.features.weights.catalogue import entry
from nst.features.weights.fetch import fetch
from nst.features.weights.places import find_weights, load_tensors, named_file
from nst.features.weights.progress import Watch, never, nobody
from nst.settings import AUTO, Settings

logger = logging.getLogger(__name__)


def explain(network: str = AUTO, weights: str | Path | None = None, *, offline: bool = False) -> tuple[str, str]:
    """Which network a setting means on this machine, and one sentence for the user that says why.

    Args:
        network: "auto", "gabor", "vgg19" or "vgg16".
        weights: a file of trained weights the user names, or None.
        offline: whether weights that are not on this machine stay away.

    Returns:
        The network's name and the sentence.

    Raises:
        WeightsError: a weights file was named and is not there.
    """
    if network == "gabor":
        return "gabor", "The built-in Gabor network paints; it needs no download."
    if network in BLOCKS:
        return network, _explain_trained(network, find_weights(network, weights) is not None, offline)
    if find_weights("vgg19", weights) is not None:
        return "vgg19", "VGG-19 paints: its trained weights are on this machine."
    if is_locked("vgg19"):
        return "gabor", "VGG-19's trained weights are on their way; until they are here the built-in network paints."
    return "gabor", "The built-in Gabor network paints, because no trained VGG-19 weights are on this machine."


def layer_names(network: str) -> tuple[str, ...]:
    """Every layer of a network ("gabor", "vgg19" or "vgg16"), fine to coarse."""
    return GaborNetwork.layers if network == "gabor" else vgg_layer_names(network)


def default_layers(network: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(style layers, content layers) that a network uses unless told otherwise."""
    kind = GaborNetwork if network == "gabor" else VGGFeatures
    return kind.style_layers, kind.content_layers


def load_network(
    settings: Settings,
    weights: str | Path | None = None,
    *,
    offline: bool = False,
    watch: Watch = nobody,
    stopped: Callable[[], bool] = never,
) -> tuple[FeatureNetwork, str]:
    """The network that the settings ask for, on the CPU, and the sentence that says which and why.

    Weights of a network that is asked for by name and is not on this machine are fetched first.

    Args:
        settings: network, pooling and the layers are read.
        weights: a file of trained weights the user names, or None.
        offline: fetch nothing.
        watch: told how far a download is, a few times a second.
        stopped: asked during a download; when it says yes, ``Stopped`` is raised.

    Raises:
        WeightsError: trained weights are needed and cannot be had.
        SettingsError: a layer that the network does not have, or a weight too many or too few.
        Stopped: when told to.
    """
    name, reason = explain(settings.network, weights, offline=offline)
    check_layers(title(name), layer_names(name), default_layers(name)[0], settings)
    if name == "gabor":
        return _gabor(), reason
    try:
        return _vgg(name, weights, _stamp(name, weights), settings.pooling), reason
    except WeightsError as error:
        if named_file(weights) or (offline and settings.network != AUTO):
            raise
        if settings.network == AUTO:
            return _without_trained(settings, error)
    fetch(entry(name), watch=watch, stopped=stopped)
    return _vgg(name, weights, _stamp(name, weights), settings.pooling), explain(settings.network, weights)[1]


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
        values = f"{given} value{'s' * (given != 1)}"
        raise SettingsError(f"style_layer_weights has {values}; it must have {count}, one for each style layer.")


def _explain_trained(name: str, here: bool, offline: bool) -> str:
    """The sentence for a trained network that was asked for by name."""
    if here:
        return f"{title(name)} paints, as asked for."
    if offline:
        return f"{title(name)} cannot paint: its trained weights are not on this machine, and none are fetched offline."
    return (
        f"{title(name)} paints once its trained weights are here: "
        f"they are not on this machine, and {entry(name).megabytes} MB are fetched first."
    )


def _without_trained(settings: Settings, error: WeightsError) -> tuple[FeatureNetwork, str]:
    """What paints when the trained weights that were found are of no use, and nobody insisted on them."""
    check_layers(title("gabor"), layer_names("gabor"), default_layers("gabor")[0], settings)
    sentence = f"The built-in Gabor network paints, because VGG-19 cannot: {error}"
    logger.warning(sentence)
    return _gabor(), sentence


@functools.cache
def _gabor() -> GaborNetwork:
    """One for all runs, so that what is kept for a style is found again; a run fits a copy of it."""
    return GaborNetwork()


@functools.lru_cache(maxsize=1)
def _vgg(name: str, weights: str | Path | None, stamp: tuple[str, int, float], pooling: str) -> VGGFeatures:  # noqa: ARG001
    """The last network is kept between runs; ``stamp`` makes a changed file a new network."""
    return VGGFeatures(name, load_tensors(name, weights), pooling=pooling)


def _stamp(name: str, weights: str | Path | None) -> tuple[str, int, float]:
    path = find_weights(name, weights)
    if path is None:
        return "", 0, 0.0
    status = path.stat()
    return str(path), status.st_size, status.st_mtime


def title(network: str) -> str:
    """The network as a sentence names it."""
    return "the built-in Gabor network" if network == "gabor" else entry(network).title
