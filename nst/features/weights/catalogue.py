"""The trained weights this program knows: the tensors of each network, and the files elsewhere that hold them."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from nst.errors import WeightsError
from nst.features.vgg import tensor_shapes

#: The environment's own addresses: of a mirror, which is then the only one asked, and of the Hugging Face hub.
MIRROR = "NST_WEIGHTS_URL"
ENDPOINT = "HF_ENDPOINT"
HUB = "https://huggingface.co"

#: Endings of the files that weights come in.
SUFFIXES = (".safetensors", ".pth", ".pt")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The address of a file, and the beginning of its SHA-256 or "" where it is not known."""

    url: str
    sha256: str = ""

    @property
    def host(self) -> str:
        """The server's name, for the log and the user."""
        return urlsplit(self.url).hostname or self.url

    @property
    def origin(self) -> str:
        """The address without anything that may be secret, to be written down."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One network's weights.

    ``shapes`` are those of torchvision's ``features`` ("0.weight": (64, 3, 3, 3), ...). ``repo`` on the hub holds
    ``model.safetensors`` at a ``revision``, of which ``sha256`` is the hash or "". ``original`` is the address of
    torchvision's own file, whose name ends with the beginning of its SHA-256.
    """

    name: str
    title: str
    shapes: Mapping[str, tuple[int, ...]] = field(repr=False)
    repo: str
    revision: str = "main"
    sha256: str = ""
    original: str

    @property
    def size(self) -> int:
        """Bytes of the tensors as float32: what a download takes."""
        return 4 * sum(math.prod(shape) for shape in self.shapes.values())

    @property
    def megabytes(self) -> int:
        """The same in megabytes, for people."""
        return round(self.size / 10**6)


ENTRIES = {
    "vgg19": Entry(
        name="vgg19",
        title="VGG-19",
        shapes=tensor_shapes("vgg19"),
        repo="timm/vgg19.tv_in1k",
        revision="128d4708565b3a414bcbb9bbad440b2fe37b9f18",
        sha256="11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669",
        original="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    ),
    # No revision and no hash of the whole file is known here; what is kept has its hash recorded all the same.
    "vgg16": Entry(
        name="vgg16",
        title="VGG-16",
        shapes=tensor_shapes("vgg16"),
        repo="timm/vgg16.tv_in1k",
        original="https://download.pytorch.org/models/vgg16-397923af.pth",
    ),
}


def entry(name: str) -> Entry:
    """The entry of that name.

    Raises:
        WeightsError: there is none.
    """
    if name not in ENTRIES:
        raise WeightsError(f"There are no weights called {name[:60]!r}; there are {' and '.join(ENTRIES)}.")
    return ENTRIES[name]


def sources(wanted: Entry) -> list[Source]:
    """The addresses to ask, in order: the mirror alone where the environment names one, else the hub and torchvision.

    ``NST_WEIGHTS_URL`` is the address of a file, or of a folder that holds ``vgg19.safetensors`` and
    ``vgg16.safetensors``, each the whole model or its features. ``HF_ENDPOINT`` replaces the hub's own address.

    Raises:
        WeightsError: one of the two is no address.
    """
    mirror = _address(MIRROR)
    if mirror:
        return [Source(url=mirror if mirror.endswith(SUFFIXES) else f"{mirror}/{wanted.name}.safetensors")]
    hub = f"{_address(ENDPOINT) or HUB}/{wanted.repo}/resolve/{wanted.revision}/model.safetensors"
    beginning = wanted.original.rpartition("-")[2].removesuffix(".pth")
    return [Source(url=hub, sha256=wanted.sha256), Source(url=wanted.original, sha256=beginning)]


def _address(variable: str) -> str:
    """An address from the environment, without the slash at its end, or ""."""
    address = os.environ.get(variable, "").strip().rstrip("/")
    if address and not address.startswith(("http://", "https://")):
        raise WeightsError(f"{variable} is {address[:80]!r}; it must begin with http:// or https://.")
    return address
