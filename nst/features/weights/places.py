"""Where trained weights are looked for on this machine, in order; see ``fetch`` for what comes after."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nst.errors import WeightsError
from nst.features.weights import cache
from nst.features.weights.catalogue import Entry, entry
from nst.features.weights.tensors import check_tensors, read_tensors

logger = logging.getLogger(__name__)

#: The environment's own file of weights.
ENVIRONMENT = "NST_WEIGHTS"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One of the places: what it is called, its file, and whether that is there.

    ``named`` is one that the user named; ``own`` is this program's cache, whose file has a hash to verify.
    """

    title: str
    path: Path
    there: bool
    named: bool = False
    own: bool = False


def named_file(weights: str | Path | None = None) -> str | Path | None:
    """The file of weights that the user names, by an option or in the environment, or None."""
    return weights or os.environ.get(ENVIRONMENT) or None


def places(name: str, weights: str | Path | None = None) -> list[Place]:
    """Every place where the weights of a network may be, in the order in which they are tried.

    Args:
        name: "vgg19" or "vgg16".
        weights: a file the user names; else NST_WEIGHTS names it; a named file is the only place.

    Raises:
        WeightsError: a file was named and is not there.
    """
    named = named_file(weights)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise WeightsError(f"The weights file {path} does not exist.")
        return [Place(title="the file that you name", path=path, there=True, named=True)]
    kept, hub, preloaded = cache.kept_file(name), hub_path(name), preloaded_path(name)
    return [
        Place(title="this program's cache", path=kept or cache.folder(), there=kept is not None, own=True),
        Place(title="torch hub's cache", path=hub, there=hub.is_file()),
        Place(title="the Hugging Face hub's cache", path=preloaded, there=preloaded.is_file()),
    ]


def first_place(name: str, weights: str | Path | None = None) -> Place | None:
    """The first place that has a file of weights, or None; each try is logged, nothing is read.

    Raises:
        WeightsError: a file was named and is not there.
    """
    for place in places(name, weights):
        logger.info("%s weights in %s: %s", name, place.title, place.path if place.there else "none")
        if place.there:
            return place
    return None


def find_weights(name: str, weights: str | Path | None = None) -> Path | None:
    """The first file with the weights of "vgg19" or "vgg16" on this machine, or None; reads and fetches nothing.

    Raises:
        WeightsError: a file was named and is not there.
    """
    return next((place.path for place in places(name, weights) if place.there), None)


def hub_path(name: str) -> Path:
    """Where torch hub keeps torchvision's own file."""
    return Path(torch.hub.get_dir()) / "checkpoints" / entry(name).original.rpartition("/")[2]


def preloaded_path(name: str) -> Path:
    """Where the Hugging Face hub's own tools keep the whole model: a Space may have it preloaded when it is built."""
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface")
    folder = Path(os.environ.get("HF_HUB_CACHE") or home / "hub").expanduser()
    wanted = entry(name)
    snapshots = folder / f"models--{wanted.repo.replace('/', '--')}" / "snapshots"
    return snapshots / wanted.revision / "model.safetensors"


def load_tensors(name: str, weights: str | Path | None = None) -> dict[str, Tensor]:
    """The convolution tensors of a network from the first place on this machine that has good ones.

    Returns:
        "0.weight", "0.bias", ... as in torchvision's ``features``, float32, checked for names, shapes and finiteness.

    Raises:
        WeightsError: a named file that is not weights of this network, or no place with good ones.
    """
    failure: WeightsError | None = None
    for place in places(name, weights):
        if not place.there:
            logger.info("No %s weights in %s: %s", name, place.title, place.path)
            continue
        try:
            tensors = load_place(entry(name), place)
        except WeightsError as error:
            if place.named:
                raise
            logger.warning("%s", error)
            failure = failure or error
            continue
        logger.info("Loaded %s weights from %s: %s", name, place.title, place.path)
        return tensors
    raise failure or WeightsError(f"{entry(name).title}'s trained weights are not on this machine.")


def load_place(wanted: Entry, place: Place) -> dict[str, Tensor]:
    """The checked tensors of a file that is there; one in this program's cache has its hash verified.

    Raises:
        WeightsError: they are not the network's, or damaged.
    """
    if place.own:
        return cache.load(wanted, place.path)
    return check_tensors(wanted, read_tensors(place.path), source=str(place.path))
