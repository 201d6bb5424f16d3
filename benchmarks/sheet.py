"""Pictures to look at: photos in every style of the gallery, and crops of one photo painted in several ways."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from nst import Settings, read_picture, stylize
from nst.pictures.sheet import contact_sheet
from nst.pictures.styles import Style, gallery
from nst.steps import Picture
from nst.ui.examples import example

HERE = Path(__file__).parent
PHOTOS = ("tower", "lion")
#: The styles beside the photo in the picture at the top of the README.
HEADLINE = ("The Great Wave", "The Starry Night", "The Scream", "Rose Window", "The Kiss")
#: What published transfers with VGG-19 are called in a folder that holds some, by photo and painting.
PUBLISHED = {"scream": "the_scream", "starry": "starry_night"}
#: What each variant changes; ``README.md`` says what it did.
VARIANTS: dict[str, dict[str, object]] = {
    "statistics alone": {"patch_weight": 0.0},
    "pieces alone": {"style_weight": 0.0},
    "both (the default)": {},
    "brushwork 0.5": {"patch_weight": 0.5},
    "content on bank1, too": {"content_layers": ("bank1", "bank2", "bank3")},
    "content weight 0.3": {"content_weight": 0.3},
    "a single scale": {"coarsest": 512, "steps": 70},
    "from the plain photo": {"init": "content"},
}


def styles_sheets(size: int = 512) -> Iterator[Path]:
    """Each photo in every style, as the defaults paint it with the style's suggested settings; the README's picture."""
    for key in PHOTOS:
        cells = {"the photo": read_picture(example(key)[0])}
        for style in gallery():
            cells[style.title] = paint(cells["the photo"], read_picture(style.path), size, **_suggested(style))
            print(f"{key}, {style.key}", flush=True)
        yield _save(contact_sheet(list(cells.values()), list(cells), columns=5), HERE / f"{key}.jpg")
    shown = {title: cells[title] for title in ("the photo", *HEADLINE)}
    yield _save(contact_sheet(list(shown.values()), list(shown), columns=3), HERE.parent / "assets" / "readme.jpg")


def variants_sheet(size: int = 512) -> Path:
    """A crop of the same picture, painted in the ways of ``VARIANTS``."""
    photo, style = read_picture(example("tower")[0]), next(s for s in gallery() if s.key == "starry_night")
    cells = []
    for label, changes in VARIANTS.items():
        cells.append(_crop(paint(photo, read_picture(style.path), size, **{**_suggested(style), **changes}), 256))
        print(label, flush=True)
    return _save(contact_sheet(cells, list(VARIANTS), columns=4), HERE / "variants.jpg")


def published_sheet(folder: Path, out: Path, size: int = 512) -> Path:
    """The built-in network beside what was published with trained VGG-19 features.

    Args:
        folder: with ``photos/``, ``paintings/`` and ``published/PHOTO_PAINTING.png``.
        out: the picture to write; the pictures of others are not kept in this repository.
        size: long side in pixels.
    """
    cells, labels = [], []
    for published in sorted((folder / "published").glob("*.png")):
        photo, painting = published.stem.rsplit("_", 1)
        ours = paint(
            read_picture(folder / "photos" / f"{photo}.jpg"),
            read_picture(folder / "paintings" / f"{PUBLISHED[painting]}.jpg"),
            size,
        )
        cells += [ours, read_picture(published)]
        labels += ["built-in network", "published, VGG-19"]
    return _save(contact_sheet(cells, labels, columns=4), out)


def paint(photo: Picture, painting: Picture, size: int, **changes: object) -> Picture:
    """A photo painted by the built-in network with the default settings but for some."""
    return stylize(photo, painting, Settings.from_mapping({"network": "gabor", "size": size, **changes}))


def _suggested(style: Style) -> dict[str, object]:
    return dict(style.suggested)


def _crop(picture: Picture, side: int) -> Picture:
    height, width = picture.shape[:2]
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def _save(sheet: Picture, path: Path) -> Path:
    Image.fromarray(sheet).save(path, quality=85, optimize=True)
    return path


def made(published: Path | None = None) -> Iterator[Path]:
    """Make the sheets, one after the other."""
    yield from styles_sheets()
    yield variants_sheet()
    if published is not None:
        yield published_sheet(published, Path("published.jpg"))
