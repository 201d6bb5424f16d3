"""What a run works with, checked and chosen before its first step: network, device, scales, tiles."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from nst.controls import Controls
from nst.download_progress import Download, DownloadStopped
from nst.errors import StyleError
from nst.features.base import FeatureNetwork, check_layers
from nst.features.precision import shortfall
from nst.features.weights import load_network
from nst.pictures.decode import Decoded
from nst.pictures.masks import mask_by_rule
from nst.pyramid import Scale, check_work, enlarged_size
from nst.settings import Settings
from nst.steps import Picture, run_scales
from nst.transfer.device import choose_device, describe_device
from nst.transfer.memory import Load, Tiling, check_enlarging, choose_tiling
from nst.transfer.options import StylizeOptions
from nst.transfer.regions import Mask
from nst.transfer.targets import style_shares

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What stays the same during a run.

    Attributes:
        network: on the device.
        device: the one that computes.
        controls: steer the run from another thread.
        scales: coarse to fine.
        tilings: how the pictures of each scale are cut.
        enlarged: (width, height) of the finished picture where it is enlarged, else None.
        mask: which part gets which style, or None.
        notes: sentences for the user.
    """

    network: FeatureNetwork
    device: torch.device
    controls: Controls
    scales: tuple[Scale, ...]
    tilings: tuple[Tiling, ...]
    enlarged: tuple[int, int] | None
    mask: Mask | None
    notes: tuple[str, ...]

    def for_frames(self, settings: Settings) -> "Preparation":
        """The same for the frames of a film after the first: the finest scale alone, with the steps of the settings."""
        finest = replace(self.scales[-1], steps=settings.steps)
        return replace(self, scales=(finest,), tilings=self.tilings[-1:])

    def with_mask(self, picture: Picture | None) -> "Preparation":
        """The same with the regions where a picture has them, uint8 (H, W, 3); where they were when None."""
        return self if self.mask is None or picture is None else replace(self, mask=self.mask.in_frame(picture))

    @property
    def device_name(self) -> str:
        """The device in words."""
        return describe_device(self.device)

    @property
    def home(self) -> torch.device:
        """Where whole pictures are kept: what is only read tile by tile need not be in a GPU's memory."""
        return self.device if self.tilings[-1].side is None else torch.device("cpu")


def prepare_run(
    content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
) -> Preparation:
    """Check a run and choose what it works with.

    Args:
        content: the photo, uint8 (H, W, 3).
        styles: the paintings, uint8 (h, w, 3) each.
        settings: at the start of the run.
        options: see ``StylizeOptions``.

    Raises:
        NSTError: a StyleError, SettingsError, WeightsError or DeviceError; an ImageError for a mask.
        DownloadStopped: the run was stopped while weights were fetched.
    """
    device, controls = choose_device(options.device), options.controls or Controls()
    mask = _checked_mask(content, styles, settings, options)
    network = _checked_network(settings, options, controls)
    width, height = options.content_size or content.shape[1::-1]
    scales = run_scales((width, height), settings, options.start)
    check_work(scales)
    network = network.to(device)
    begun = [options.start.picture] if options.start else []
    input_pixels = sum(picture.size // 3 for picture in (content, *styles, *begun))
    load = Load(
        settings=settings, network=network, device=device, styles=len(styles), input_pixels=input_pixels,
        regions=mask.count if mask else 0,
    )  # fmt: skip
    tilings = tuple(choose_tiling(scale, load, options.memory) for scale in scales)
    enlarged = enlarged_size(width, height, settings)
    if enlarged:
        check_enlarging(*enlarged, masked=mask is not None)
    logger.info("network %s on %s", network.name, describe_device(device))
    sentences = tilings[-1].note, shortfall(settings.precision, device, describe_device(device))
    return Preparation(
        network=network,
        device=device,
        controls=controls,
        scales=scales,
        tilings=tilings,
        enlarged=enlarged,
        mask=mask,
        notes=tuple(filter(None, sentences)),
    )


def _checked_mask(
    content: Picture, styles: Sequence[Picture], settings: Settings, options: StylizeOptions
) -> Mask | None:
    """The mask of the options, for styles that are checked."""
    if not styles:
        raise StyleError("No style picture was given; at least one is needed.")
    shares = style_shares(settings.style_weights, len(styles))
    mask = options.mask
    if isinstance(mask, str):
        mask = mask_by_rule(mask, Decoded(content))
    return None if mask is None else Mask(mask, shares)


def _checked_network(settings: Settings, options: StylizeOptions, controls: Controls) -> FeatureNetwork:
    """The network of the options, or the one that the settings name; its layers are checked."""

    def report(download: Download) -> None:
        if controls.stopped:
            raise DownloadStopped
        options.report(download)

    network = options.network
    if network is None:
        return load_network(settings, options.weights, report)
    check_layers(network.name, network.layers, network.style_layers, settings)
    return network
