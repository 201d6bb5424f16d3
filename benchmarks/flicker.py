"""Films: how much frames differ from the one before, moved along the true motion, painted as a film and each alone."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks import machine
from nst.gallery.manifest import find_style
from nst.notebook import stylize
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.settings import FilmSettings, Settings
from nst.steps import Picture
from nst.transfer.film import film_steps
from nst.transfer.options import StylizeOptions

SHEET = Path(__file__).parent / "sheets" / "flicker.jpg"
WIDTH, HEIGHT = 256, 192
#: Radius of the thing that moves in front, and its way from frame to frame, in pixels of a clip 256 wide.
RADIUS, WAY = 34, np.array([6.0, -1.5])
#: What changes from frame to frame: pixels to the right and down, the share by which things grow, and radians.
PAN, ZOOM, TURN = np.array([2.5, 1.0]), 0.008, 0.006

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of the clip; where its pixels were in the one before, (H, W, 2) x and y, and where that shows them."""

    picture: Picture
    before: Array
    shown: npt.NDArray[np.bool_]


def clip(frames: int, width: int = WIDTH, height: int = HEIGHT) -> list[Frame]:
    """A clip with a cut in the middle: pan, zoom and turn over a photo, in front of which a piece of another moves."""
    photos = [machine.example(name) for name in ("tower", "lion")]
    middle = frames // 2
    shots = [(photos[0], photos[1], range(middle)), (photos[1], photos[0], range(frames - middle))]
    return [frame for back, front, numbers in shots for frame in _shot(back, front, numbers, width, height)]


def _shot(back: Picture, front: Picture, numbers: Sequence[int], width: int, height: int) -> list[Frame]:
    scale = width / WIDTH
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(float)
    radius = round(RADIUS * scale)
    thing = machine.square(front, 2 * radius + 1)
    made: list[Frame] = []
    for number in numbers:
        motion, centre = _motion(back, number, width, height), _centre(number, scale)
        picture = cv2.remap(_soft(back, width), *_maps(_apply(motion, grid)), cv2.INTER_CUBIC)
        inside = _inside(grid, centre, radius)
        moved = cv2.remap(thing, *_maps(grid - centre + radius), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        picture[inside] = moved[inside]
        if number == 0:
            made.append(Frame(picture, grid, np.zeros((height, width), bool)))
            continue
        earlier = _centre(number - 1, scale)
        back_to = _apply(np.linalg.inv(_motion(back, number - 1, width, height)) @ motion, grid)
        before = np.where(inside[..., None], grid + earlier - centre, back_to)
        seen = ((before >= 0) & (before <= [width - 1, height - 1])).all(axis=-1)
        # A pixel around the edge of the thing is of both.
        edge = abs(np.hypot(*np.moveaxis(grid - centre, -1, 0)) - radius) < 1.5
        hidden = ~inside & _inside(before, earlier, radius + 1.5)
        made.append(Frame(picture, before, seen & ~hidden & ~edge))
    return made


def _motion(photo: Picture, number: int, width: int, height: int) -> Array:
    """From a pixel of the frame to one of the photo at the scale of ``_soft``, as a 3 x 3 matrix."""
    rows, columns = (side * width / WIDTH for side in _soft(photo, WIDTH).shape[:2])
    size, angle = (1 + ZOOM) ** -number, TURN * number
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    target = np.array([columns / 2, rows / 2]) + (number - 4) * PAN * width / WIDTH
    return np.vstack([np.column_stack([turn, target - turn @ middle]), [0, 0, 1]])


def _soft(photo: Picture, width: int) -> Picture:
    """The photo at 1.5 times the size of the clip, so that the camera has room."""
    columns = round(1.5 * width)
    rows = round(columns * photo.shape[0] / photo.shape[1])
    return cv2.resize(photo, (columns, max(rows, round(1.5 * width))), interpolation=cv2.INTER_AREA)


def _centre(number: int, scale: float) -> Array:
    return (np.array([80.0, 120.0]) + number * WAY) * scale


def _inside(points: Array, centre: Array, radius: float) -> npt.NDArray[np.bool_]:
    return np.hypot(*np.moveaxis(points - centre, -1, 0)) <= radius


def _apply(matrix: Array, points: Array) -> Array:
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def _maps(points: Array) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    x, y = np.moveaxis(points.astype(np.float32), -1, 0)
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def warping_error(frames: Sequence[Frame], pictures: Sequence[Picture]) -> float:
    """Mean squared difference of pictures, 0 to 1, to those before moved along the true motion, where those show it."""
    errors = []
    for frame, before, after in zip(frames[1:], pictures, pictures[1:], strict=False):
        if frame.shown.any():
            moved = cv2.remap(before, *_maps(frame.before), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            errors.append((((moved.astype(float) - after) / 255) ** 2)[frame.shown].mean())
    return float(np.mean(errors))


def measure(
    style: str = "starry_night", frames: int = 8, settings: Settings | None = None, film: FilmSettings | None = None
) -> tuple[dict[str, Any], dict[str, list[Picture]]]:
    """Warping errors of the clip, its frames painted alone and the film, seconds of a frame; and all pictures."""
    settings = settings or Settings(size=WIDTH)
    made, painting = clip(frames), read_picture(find_style(style).path)
    contents = [frame.picture for frame in made]
    together, seconds = painted_film(contents, painting, settings, film or FilmSettings())
    pictures = {"clip": contents, "alone": [stylize(each, painting, settings) for each in contents], "film": together}
    errors = {name: warping_error(made, each) for name, each in pictures.items()}
    return {**errors, "ratio": errors["film"] / errors["alone"], "seconds": seconds}, pictures


def painted_film(
    contents: Sequence[Picture], painting: Picture, settings: Settings, film: FilmSettings
) -> tuple[list[Picture], float]:
    """The frames of a film, and the median of the seconds that one takes when it follows another."""
    options = StylizeOptions(preview_seconds=-1)
    pictures, seconds, began = [], [], time.monotonic()
    for step in film_steps(contents, painting, settings, film, options):
        if step.end and step.image is not None:
            pictures.append(step.image)
            if "temporal" in step.losses.terms:
                seconds.append(time.monotonic() - began)
            began = time.monotonic()
    return pictures, float(np.median(seconds))


def sheet(pictures: dict[str, list[Picture]]) -> Path:
    """The frames one below the other: the clip, each alone, and the film."""
    rows = list(zip(*pictures.values(), strict=True))
    cells = [picture for row in rows for picture in row]
    titles = [f"{name} {number}" for number in range(1, len(rows) + 1) for name in pictures]
    Image.fromarray(contact_sheet(cells, titles, columns=len(pictures))).save(SHEET, quality=80, optimize=True)
    return SHEET
