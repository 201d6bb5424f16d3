from itertools import pairwise

import numpy as np
import pytest

from nst.pictures.sheet import comparison_sheet, contact_sheet
from nst.steps import Picture
from tests.pictures.making import BLUE, GREEN, RED

GROUND = (250, 248, 244)


def plain(colour: tuple[int, int, int], width: int, height: int) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def box(sheet: Picture, colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """(left, top, width, height) of the area of one colour."""
    rows, columns = np.nonzero(np.abs(sheet.astype(int) - colour).max(2) <= 2)
    return int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_pictures_stand_side_by_side_at_one_height() -> None:
    sheet = comparison_sheet(plain(RED, 400, 300), [plain(GREEN, 90, 120)], plain(BLUE, 600, 400))
    boxes = [box(sheet, colour) for colour in (RED, GREEN, BLUE)]
    assert sheet.dtype == np.uint8
    assert {(top, height) for _, top, _, height in boxes} == {(26, 398)}  # 400 within a line of one pixel
    for (_, _, width, _), aspect in zip(boxes, (400 / 300, 90 / 120, 600 / 400), strict=True):
        assert width + 2 == pytest.approx(400 * aspect, abs=1)
    gaps = [boxes[0][0], *(b[0] - a[0] - a[2] for a, b in pairwise(boxes))]
    gaps.append(sheet.shape[1] - boxes[-1][0] - boxes[-1][2])
    assert max(gaps) - min(gaps) <= 2
    assert (sheet[0] == GROUND).all()
    assert (sheet[:, -1] == GROUND).all()


def ink(sheet: Picture, left: int, width: int, top: int) -> Picture:
    """Where something is written below the pictures, from ``left`` on."""
    return (np.abs(sheet[top:, left : left + width].astype(int) - GROUND).max(2) > 40).any(0)


def test_every_picture_has_its_label_below_it() -> None:
    sheet = comparison_sheet(plain(RED, 300, 300), [plain(GREEN, 300, 300)] * 2, plain(BLUE, 300, 300))
    step, below = 300 + 300 // 16, 18 + 300
    words = [ink(sheet, 18 + i * step, 300, below).nonzero()[0].max() for i in range(4)]
    assert all(20 < word < 120 for word in words)
    one = comparison_sheet(plain(RED, 300, 300), [plain(GREEN, 300, 300)], plain(BLUE, 300, 300))
    assert ink(one, 18 + step, 300, below).nonzero()[0].max() < words[1]  # "Style", not "Style 1"


@pytest.mark.parametrize("title", ["W" * 500, "a word " * 60, "Ü" * 400])
def test_long_titles_end_within_their_picture(title: str) -> None:
    pictures = plain(RED, 300, 300), [plain(GREEN, 300, 300)], plain(BLUE, 300, 300)
    sheet = comparison_sheet(*pictures, content_title=title, style_titles=[title], result_title=title)
    for i in range(3):
        left = 18 + i * 318
        assert not ink(sheet, left + 300, 16, 320).any()
        assert ink(sheet, left, 300, 320).nonzero()[0].max() > 250


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Tübingen — é", "Tubingen - e"),
        ("Straße nach Ålesund.png", "Strasse nach Alesund.png"),
        ("🎨 lion\n2 \0", "lion 2"),
        ("写真.png", ""),
        ("星 月 5", ""),
        ("🎨.png", ""),
        (".png", ""),
    ],
)
def test_a_title_is_shown_in_letters_that_the_font_has_or_not_at_all(title: str, shown: str) -> None:
    pictures = plain(RED, 300, 300), [plain(GREEN, 300, 300)], plain(BLUE, 300, 300)
    sheets = (comparison_sheet(*pictures, content_title=words, result_title="x") for words in (title, shown))
    np.testing.assert_array_equal(*sheets)


def test_without_titles_no_line_is_kept_for_them() -> None:
    pictures = plain(RED, 300, 300), [plain(GREEN, 300, 300)], plain(BLUE, 300, 300)
    assert comparison_sheet(*pictures).shape[0] < comparison_sheet(*pictures, result_title="x").shape[0]


@pytest.mark.parametrize(("result", "height"), [(64, 240), (500, 500), (2000, 1024)])
def test_the_height_follows_the_result_within_bounds(result: int, height: int) -> None:
    sheet = comparison_sheet(plain(RED, 64, 64), [plain(GREEN, 64, 64)], plain(BLUE, result, result))
    assert box(sheet, BLUE)[3] + 2 == height


def test_many_styles_make_the_pictures_lower_not_the_sheet_endless() -> None:
    sheet = comparison_sheet(plain(RED, 900, 900), [plain(GREEN, 900, 900)] * 8, plain(BLUE, 900, 900))
    assert sheet.shape[1] < 4096 * 1.1
    assert box(sheet, RED)[3] + 2 == pytest.approx(409, abs=1)


@pytest.mark.parametrize(("width", "height"), [(2000, 100), (100, 2000)])
def test_extreme_shapes_are_shown_whole(width: int, height: int) -> None:
    picture = plain(RED, width, height)
    sheet = comparison_sheet(picture, [plain(GREEN, 300, 300)], plain(BLUE, 300, 300))
    _, _, wide, high = box(sheet, RED)
    assert (wide + 2) / (high + 2) == pytest.approx(width / height, rel=0.05)
    assert wide <= 900
    assert high <= 300


def test_as_many_titles_as_styles_or_none() -> None:
    with pytest.raises(ValueError, match="2 titles for 1 pictures"):
        comparison_sheet(plain(RED, 50, 50), [plain(GREEN, 50, 50)], plain(BLUE, 50, 50), style_titles=["a", "b"])


def test_a_contact_sheet_is_a_grid() -> None:
    sheet = contact_sheet(
        [plain(RED, 640, 320), plain(GREEN, 320, 320), plain(BLUE, 100, 50)], ["a", "b", "c"], columns=2
    )
    red, green, blue = (box(sheet, colour) for colour in (RED, GREEN, BLUE))
    assert (red[2] + 2, red[3] + 2) == (blue[2] + 2, blue[3] + 2) == (320, 160)
    assert (green[2] + 2, green[3] + 2) == (320, 320)
    assert red[0] == blue[0] < green[0]
    assert red[1] + red[3] == green[1] + green[3] < blue[1]
    assert sheet.shape[1] == 2 * 320 + 3 * 20
    assert ink(sheet, 20, 40, blue[1] + blue[3] + 2).any()


def test_a_contact_sheet_without_labels_or_of_one_picture() -> None:
    assert contact_sheet([plain(RED, 64, 64)]).shape == (360, 360, 3)
    assert contact_sheet([plain(RED, 64, 64)] * 5, columns=4).shape == (2 * 320 + 3 * 20, 4 * 320 + 5 * 20, 3)
