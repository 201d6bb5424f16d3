"""What a run will need at its peak, and what is free: a run that cannot fit is refused before it starts."""

from pathlib import Path

import psutil
import torch

from nst.errors import DeviceError
from nst.features.base import FeatureNetwork
from nst.settings import Settings
from nst.transfer.pyramid import Scale

#: Pixels, gradient, best picture and so on: copies of the picture beside what the network and the optimiser hold.
PICTURE_COPIES = 8
#: Share of the free memory that a run may take.
USABLE = 0.9
#: Bytes for each pixel of an enlarged picture: Pillow's own form of it and of one half done, and ours.
ENLARGED_BYTES = 16
_CGROUP = Path("/sys/fs/cgroup")


def needed(scale: Scale, settings: Settings, network: FeatureNetwork) -> int:
    """Estimated bytes at the peak of a run, beyond what the program holds before it.

    Args:
        scale: the finest one.
        settings: the optimiser, its history and style_scale are read.
        network: its ``bytes_per_pixel`` was measured.

    Returns:
        Bytes. The style pictures have as many pixels as the scale, times ``style_scale`` squared; their pass keeps
        nothing for a gradient and needs about half.
    """
    pixels = scale.width * scale.height
    float32_picture = 3 * 4
    copies = PICTURE_COPIES + (2 * settings.history if settings.optimizer == "lbfgs" else 2)
    style = network.bytes_per_pixel * settings.style_scale**2 / 2
    return round(pixels * (max(network.bytes_per_pixel, style) + copies * float32_picture))


def free(device: torch.device) -> int | None:
    """Bytes that are free on a device, or None where it does not tell.

    On the CPU that is what the machine has available, or what is left of the limit of its container.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "cpu":
        return int(min(psutil.virtual_memory().available, _left_in_container()))
    return None


def check_memory(scale: Scale, settings: Settings, network: FeatureNetwork, device: torch.device) -> None:
    """Refuse a run that will not fit.

    Raises:
        DeviceError: with the estimate, what is free, and the largest size that would fit.
    """
    available = free(device)
    estimate = needed(scale, settings, network)
    if available is None or estimate <= available * USABLE:
        return
    largest = int(max(scale.width, scale.height) * (available * USABLE / estimate) ** 0.5)
    raise DeviceError(
        f"A result of {scale.width} x {scale.height} px needs about {_gigabytes(estimate)} of memory, and "
        f"{_gigabytes(available)} are free; the largest size that fits is {largest // 16 * 16} px."
    )


def check_enlarging(width: int, height: int) -> None:
    """Refuse to enlarge to a size that will not fit; a picture is enlarged in the machine's own memory.

    Raises:
        DeviceError: with the estimate, and what is free.
    """
    estimate, available = width * height * ENLARGED_BYTES, free(torch.device("cpu")) or 0
    if estimate > available * USABLE:
        raise DeviceError(
            f"Enlarging to {width} x {height} px needs about {_gigabytes(estimate)} of memory, and "
            f"{_gigabytes(available)} are free; choose enlarge off, or a smaller photo."
        )


def _left_in_container() -> float:
    """Bytes left of a cgroup's limit; infinite where there is none."""
    try:
        limit, used = ((_CGROUP / f"memory.{name}").read_text().strip() for name in ("max", "current"))
        return float("inf") if limit == "max" else max(0, int(limit) - int(used))
    except (OSError, ValueError):
        return float("inf")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
