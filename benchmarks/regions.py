"""Masks: how like each half of a picture in two styles is to a run on that half alone, and what regions cost."""

import time
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from benchmarks import machine
from nst.gallery.manifest import find_style
from nst.notebook import stylize
from nst.pictures.decode import read_picture
from nst.pictures.resize import shrink
from nst.pictures.sheet import contact_sheet
from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.images import to_tensor
from nst.transfer.losses import balanced_style_loss, gram_matrix
from nst.transfer.options import StylizeOptions

SHEET = Path(__file__).parent / "sheets" / "regions.jpg"
SIZE = 256
#: The styles of the left and the right half.
STYLES = ("great_wave", "mosaic")
COLOURS = ((255, 0, 0), (0, 255, 0), (255, 255, 255))


def halves(photo: Picture) -> tuple[Picture, list[Picture]]:
    """A photo in two styles side by side, and each of its halves painted alone, with the same brush and scales."""
    styles = [read_picture(find_style(name).path) for name in STYLES]
    both = stylize(photo, styles, Settings(size=SIZE), StylizeOptions(mask=stripes(2)))
    alone = []
    for part, style in zip(np.split(photo, 2, axis=1), styles, strict=True):
        settings = Settings(size=max(part.shape[:2]), style_scale=SIZE / max(part.shape[:2]))
        alone.append(stylize(np.ascontiguousarray(part), style, settings))
    return both, alone


def compare(both: Picture, alone: list[Picture]) -> list[dict[str, float]]:
    """For each half: how far palette and Gram matrices are from the half painted alone, and from the other style's."""
    parts = np.split(both, 2, axis=1)
    return [
        {
            "palette": palette_distance(part, own),
            "palette of the other": palette_distance(part, other),
            **{f"Gram {layer}": value for layer, value in gram_distances(part, own).items()},
            **{f"Gram {layer} of the other": value for layer, value in gram_distances(part, other).items()},
        }
        for part, own, other in zip(parts, alone, alone[::-1], strict=True)
    ]


def palette_distance(one: Picture, other: Picture) -> float:
    """The sliced Wasserstein distance of the colours, in levels."""
    directions = np.random.default_rng(0).normal(size=(3, 16))
    directions /= np.linalg.norm(directions, axis=0)
    shares = np.linspace(0, 1, 200)
    quantiles = [np.quantile(x.reshape(-1, 3) @ directions, shares, axis=0) for x in (one, other)]
    return float(np.abs(quantiles[0] - quantiles[1]).mean())


def gram_distances(one: Picture, other: Picture) -> dict[str, float]:
    """The relative distance of the Gram matrices, by style layer."""
    network = machine.vgg19()
    with torch.no_grad():
        first, second = (network(to_tensor(np.ascontiguousarray(x)), network.style_layers) for x in (one, other))
    return {
        name: float(balanced_style_loss(gram_matrix(first[name]), gram_matrix(second[name]))) ** 0.5 for name in first
    }


def pace(side: int = SIZE, steps: int = 6, turns: int = 3) -> dict[str, float]:
    """Processor seconds of a run at one scale without a mask and with one to three regions: medians of turns."""
    photo, styles = machine.photo(side, side), [machine.photo(side, side, seed=seed) for seed in (1, 2)]
    masks = {
        "no mask": None,
        "white": np.full((1, 1, 3), 255, np.uint8),
        "two halves": stripes(2),
        "three parts": stripes(3),
    }
    seconds: dict[str, list[float]] = {name: [] for name in masks}
    for _ in range(turns):
        for name, mask in masks.items():
            start = time.process_time()
            stylize(photo, styles, Settings(size=side, coarsest=side, steps=steps), StylizeOptions(mask=mask))
            seconds[name].append(time.process_time() - start)
    return {name: median(times) for name, times in seconds.items()}


def stripes(count: int, side: int = 96) -> Picture:
    """A mask of red, green and white stripes, the first ``count`` of them."""
    mask = np.empty((side, side, 3), np.uint8)
    for number, colour in enumerate(COLOURS[:count]):
        mask[:, number * side // count :] = colour
    return mask


def oval(height: int, width: int) -> Picture:
    """A mask that leaves an upright oval alone, with a soft edge."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot((x / width - 0.44) / 0.14, (y / height - 0.25) / 0.23)
    return np.repeat((np.clip((distance - 0.9) / 0.2, 0, 1) * 255).round().astype(np.uint8)[..., None], 3, axis=-1)


def sheet(photo: Picture, both: Picture) -> Path:
    """The photo with its halves, and a portrait whose face stays as it is."""
    portrait = shrink(machine.example("face"), SIZE)
    mask = oval(*portrait.shape[:2])
    kept = stylize(portrait, read_picture(find_style("scream").path), Settings(size=SIZE), StylizeOptions(mask=mask))
    coloured = np.asarray(Image.fromarray(stripes(2)).resize(photo.shape[1::-1], Image.Resampling.NEAREST))
    cells = {"photo": photo, "mask": coloured, "two styles": both, "portrait": portrait, "its mask": mask, "kept": kept}
    Image.fromarray(contact_sheet(list(cells.values()), list(cells), columns=3)).save(SHEET, quality=80, optimize=True)
    return SHEET
