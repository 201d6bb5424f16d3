"""The device that computes: CUDA where there is one, then MPS, then the CPU."""

import os

import torch

from nst.errors import DeviceError, FieldName


def choose_device(name: str | torch.device | None = None) -> torch.device:
    """The torch device of that name, or the best one on this machine.

    Args:
        name: None or "auto" for the best; else "cpu", "cuda", "cuda:1", "mps". A device stays as it is.

    Raises:
        DeviceError: there is no such device, in one sentence.
    """
    if isinstance(name, torch.device):
        return name
    if name in (None, "", "auto"):
        return torch.device(_best())
    try:
        device = torch.device(str(name))
    except RuntimeError as error:
        raise DeviceError(FieldName("device"), f" is {name!r}; it must be auto, cpu, cuda, cuda:N or mps.") from error
    if not _exists(device):
        raise DeviceError(
            FieldName("device"), f" is {name!r}, which this machine does not have; auto would take {_best()}."
        )
    return device


def describe_device(device: torch.device) -> str:
    """The device in words for people: "CPU (2 cores)" or the name of the GPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    cores = os.cpu_count() or 1
    return f"CPU ({cores} core{'s' if cores > 1 else ''})"


def _best() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _exists(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    return device.type == "cpu" or (device.type == "mps" and torch.backends.mps.is_available())
