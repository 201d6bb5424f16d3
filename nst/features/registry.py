"""The network that the settings name, built on its trained weights and kept for the next run."""

from collections.abc import Hashable, Sequence
from pathlib import Path

from nst.errors import SettingsError
from nst.features.vgg import VGGFeatures
from nst.features.weights import load_weights
from nst.networks import NETWORKS
from nst.settings import Settings
from nst.steps import Report, untold

#: The last network, with what it has laid out for its device.
_kept: dict[Hashable, VGGFeatures] = {}


def load_network(settings: Settings, weights: str | Path | None = None, report: Report = untold) -> VGGFeatures:
    """The network that the settings ask for; the same object as the last time, where nothing is different.

    Args:
        settings: network, pooling and the layers are read.
        weights: a file of trained weights; the network's own place when None.
        report: told how far a download is.

    Raises:
        WeightsError: its trained weights cannot be had.
        SettingsError: a layer that the network does not have, or a weight too many or too few.
    """
    network = NETWORKS[settings.network]
    check_layers(network.title, network.layers, network.style_layers, settings)
    key = (network.name, settings.pooling, weights and _stamp(Path(weights).expanduser()))
    found = _kept.get(key)
    if found is None:
        _kept.clear()  # Before there is a second one.
        found = _kept[key] = VGGFeatures(network, load_weights(network, weights, report), pooling=settings.pooling)
    return found


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


def _stamp(file: Path) -> tuple[str, int]:
    """What makes a changed file another network."""
    return str(file), file.stat().st_mtime_ns if file.is_file() else 0
