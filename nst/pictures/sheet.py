"""Sheets of pictures side by side: photo, style and result of one run, the results of many, or a labelled grid."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst.steps import Picture

_GROUND, _INK, _FAINT, _LINE = (250, 248, 244), (38, 36, 34), (128, 122, 114), (216, 210, 200)

#: Height of the pictures of a comparison, and the width of all together.
_MIN_HEIGHT, _MAX_HEIGHT, _MAX_WIDTH = 240, 1024, 4096
#: Width of a cell by its height, however long or thin its picture is.
_MIN_ASPECT, _MAX_ASPECT = 0.4, 3.0
_CONTACT_SIDE = 320
_MAX_LABEL = 300  # letters
#: Size of the letters of a grid's heads, their least width, that of its rows, and most lines of one.
_HEAD_LETTERS, _ROW_HEAD, _HEAD_LINES = 22, 200, 4
#: Latin letters and dashes that are no ASCII character with an accent.
_SPELLED = str.maketrans(
    {"–": "-", "—": "-", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)


def comparison_sheet(
    content: Picture,
    styles: Sequence[Picture],
    result: Picture,
    *,
    content_title: str = "",
    style_titles: Sequence[str] = (),
    result_title: str = "",
) -> Picture:
    """Photo, styles and result in one row, at one height, each with its label.

    Args:
        content, styles, result: uint8, (height, width, 3), of any sizes.
        content_title, style_titles, result_title: names below "Photo", "Style" and "Result", one for each style
            or none. The built-in font has only ASCII letters: accents are dropped, names in other scripts are left out
            and long ones are cut.

    Returns:
        uint8, (height, width, 3): pictures as high as the result, between 240 and 1024 pixels, or lower if all
        of them together would be wider than 4096.
    """
    heads = ["Photo", *_numbered("Style", len(styles)), "Result"]
    titles = [content_title, *_filled(style_titles, len(styles)), result_title]
    pictures = [content, *styles, result]
    height = min(max(result.shape[0], _MIN_HEIGHT), _MAX_HEIGHT)
    height = int(height * min(1, _MAX_WIDTH / (height * sum(_aspect(picture) for picture in pictures))))
    cells = [
        _cell(picture, (round(height * _aspect(picture)), height), [head, title])
        for picture, head, title in zip(pictures, heads, _unless_all_empty(titles), strict=True)
    ]
    return _grid(cells, len(cells), height // 16)


def contact_sheet(pictures: Sequence[Picture], labels: Sequence[str] = (), *, columns: int = 4) -> Picture:
    """Many pictures in rows of equal cells, each with its label.

    Args:
        pictures: one or more, uint8, (height, width, 3), of any sizes.
        labels: one for each picture, or none at all.
        columns: cells in a row.

    Returns:
        uint8, (height, width, 3): every picture fits a square of 320 pixels.
    """
    lines = _unless_all_empty(_filled(labels, len(pictures)))
    height = max(min(_CONTACT_SIDE, round(_CONTACT_SIDE * picture.shape[0] / picture.shape[1])) for picture in pictures)
    cells = [_cell(picture, (_CONTACT_SIDE, height), [line]) for picture, line in zip(pictures, lines, strict=True)]
    return _grid(cells, min(columns, len(cells)), _CONTACT_SIDE // 16)


def grid_sheet(
    pictures: Sequence[Sequence[Picture | None]], columns: Sequence[str], rows: Sequence[str], title: str
) -> Picture:
    """A table of pictures with a title above all, a head above each column and one before each row.

    Args:
        pictures: row by row, uint8, (height, width, 3), of any sizes; None leaves its place empty.
        columns: a head for each column.
        rows: a head for each row; if all are empty, there is no room for them.
        title: one line.

    Returns:
        uint8, (height, width, 3): every picture fits a square of 320 pixels.
    """
    shapes = [picture.shape for row in pictures for picture in row if picture is not None] or [(1, 1)]
    side = _CONTACT_SIDE
    height = max(min(side, round(side * s[0] / s[1])) for s in shapes)
    width = max(_ROW_HEAD, *(min(side, round(side * s[1] / s[0])) for s in shapes))
    cells = [_head(head, (width, 0)) for head in columns]
    body = [[_place(picture, (width, height)) for picture in row] for row in pictures]
    if any(rows):
        cells.insert(0, _head("", (_ROW_HEAD, 0)))
        body = [[_head(head, (_ROW_HEAD, height)), *row] for head, row in zip(rows, body, strict=True)]
    sheet = _grid([*cells, *(cell for row in body for cell in row)], len(cells), side // 16)
    band = _grid([_head(title, (sheet.shape[1] - side // 8, 0))], 1, side // 16)
    return np.concatenate([band[: -(side // 16)], sheet])


def _place(picture: Picture | None, size: tuple[int, int]) -> Image.Image:
    """A picture in its place, or an empty frame."""
    if picture is not None:
        return _cell(picture, size, [])
    empty = Image.new("RGB", size, _GROUND)
    ImageDraw.Draw(empty).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=_LINE)
    return empty


def _head(text: str, size: tuple[int, int]) -> Image.Image:
    """Words in lines of at most this width, in the middle of this height, or as high as they are."""
    font, (width, height), step = ImageFont.load_default(_HEAD_LETTERS), size, round(1.3 * _HEAD_LETTERS)
    lines: list[str] = []
    for word in _plain(text[:_MAX_LABEL]).split():
        longer = f"{lines[-1]} {word}" if lines else word
        lines = [*lines[:-1], longer] if lines and font.getlength(longer) <= width else [*lines, word]
    lines = lines[:_HEAD_LINES]
    image = Image.new("RGB", (width, height or max(1, step * len(lines))), _GROUND)
    draw, top = ImageDraw.Draw(image), (image.height - step * len(lines)) // 2
    for place, line in enumerate(lines):
        draw.text((0, top + place * step), _shorten(line, font, width), fill=_INK, font=font)
    return image


def _numbered(head: str, count: int) -> list[str]:
    return [head] if count == 1 else [f"{head} {i + 1}" for i in range(count)]


def _filled(titles: Sequence[str], count: int) -> list[str]:
    if titles and len(titles) != count:
        raise ValueError(f"{len(titles)} titles for {count} pictures")
    return list(titles) or [""] * count


def _unless_all_empty(titles: list[str]) -> list[str] | list[None]:
    """None for each title if all are empty, so that no line is left free for them."""
    return titles if any(titles) else [None] * len(titles)


def _aspect(picture: Picture) -> float:
    """Width by height of a picture's cell."""
    return float(min(_MAX_ASPECT, max(_MIN_ASPECT, picture.shape[1] / picture.shape[0])))


def _cell(picture: Picture, size: tuple[int, int], lines: Sequence[str | None]) -> Image.Image:
    """A picture in a box of ``size``, with its lines of text below: the last dark, the others faint."""
    width, height = size
    letters = max(13, height // 24)
    texts = [line for line in lines if line is not None]
    cell = Image.new("RGB", (width, height + int(letters * (0.6 + 1.45 * len(texts)) if texts else 0)), _GROUND)
    draw = ImageDraw.Draw(cell)
    _paste(cell, draw, picture, size)
    for row, text in enumerate(texts):
        font = ImageFont.load_default(letters)
        at = (0, height + letters * (0.6 + 1.45 * row))
        draw.text(at, _shorten(text, font, width), fill=_INK if row == len(texts) - 1 else _FAINT, font=font)
    return cell


def _paste(cell: Image.Image, draw: ImageDraw.ImageDraw, picture: Picture, size: tuple[int, int]) -> None:
    """Paste the whole picture as large as it fits in ``size``, at the bottom, with a thin line around it."""
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    top = size[1] - high
    cell.paste(Image.fromarray(picture).resize((wide, high), Image.Resampling.LANCZOS), (0, top))
    draw.rectangle((0, top, wide - 1, size[1] - 1), outline=_LINE)


def _shorten(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The text in letters that the font has, cut with an ellipsis if it is wider than ``width``."""
    text = _plain(text[:_MAX_LABEL])
    if font.getlength(text) <= width:
        return text
    cuts = (text[:end].rstrip() + "…" for end in range(len(text), 0, -1))
    return next((cut for cut in cuts if font.getlength(cut) <= width), "")


def _plain(text: str) -> str:
    """The text in ASCII, without accents; "" if a letter has no such form, or only the ending of a file is left."""
    text = unicodedata.normalize("NFKD", text.translate(_SPELLED))
    if any(c.isalnum() and not c.isascii() for c in text):
        return ""
    plain = " ".join("".join(c for c in text if c.isascii() and (c.isprintable() or c.isspace())).split())
    return plain if plain.rpartition(".")[0].strip() or "." not in plain else ""


def _grid(cells: Sequence[Image.Image], columns: int, gap: int) -> Picture:
    """The cells in rows on a light ground, with a gap between and a margin around them."""
    rows = [cells[first : first + columns] for first in range(0, len(cells), columns)]
    width = max(sum(cell.width for cell in row) + gap * (len(row) - 1) for row in rows)
    height = sum(max(cell.height for cell in row) for row in rows) + gap * (len(rows) - 1)
    sheet = Image.new("RGB", (width + 2 * gap, height + 2 * gap), _GROUND)
    top = gap
    for row in rows:
        left = gap
        for cell in row:
            sheet.paste(cell, (left, top))
            left += cell.width + gap
        top += max(cell.height for cell in row) + gap
    return np.array(sheet)
