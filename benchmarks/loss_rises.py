"""Whether a descent ever falls apart, and how low it comes: every style over several photos."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from nst.gallery.manifest import bundled_styles
from nst.pictures.decode import read_picture
from nst.pyramid import plan_scales
from nst.recipes import find_recipe
from nst.steps import Picture
from nst.transfer.loop import stylize_steps
from nst.transfer.options import StylizeOptions


def measure(photos: Mapping[str, Picture], quality: str, size: int = 256, **changes: Any) -> Iterator[dict[str, Any]]:
    """For each style and photo: the largest rise of the total from a step to the next, and the last total.

    Rises from a scale to the next, and where the pieces of the painting are found anew, are left out: there the total
    means something else.
    """
    for style in bundled_styles():
        painting = read_picture(style.path)
        for name, photo in photos.items():
            settings = find_recipe(quality).to_settings({**style.suggested, "size": size, **changes})
            steps = stylize_steps(photo, painting, settings, StylizeOptions(device="cpu", preview_seconds=-1))
            totals = [(step.scale, step.losses.total) for step in steps]
            height, width = photo.shape[:2]
            rises = [
                after / before
                for level, scale in enumerate(plan_scales(width, height, settings), start=1)
                for count, (before, after) in enumerate(pairwise(total for at, total in totals if at == level), start=1)
                if count != scale.steps // 2
            ]
            yield {"style": style.key, "photo": name, "rise": max(rises), "total": totals[-1][1]}
