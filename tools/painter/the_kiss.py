"""A study after Gustav Klimt's The Kiss (1908)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.colour import oklab
from tools.painter.flow import Array, Guide, Mask, Points, combed, curve, inside
from tools.painter.handling import Tongue, line, work
from tools.painter.ornament import blocks, gild, rosette, scroll
from tools.painter.spacing import places
from tools.painter.strokes import Area, Hand

WIDTH, HEIGHT, SEED, GROUND = 930, 950, 1908, "#7c5c24"
_SHAPE = (HEIGHT, WIDTH)

_DUSK = oklab(["#4c3010", "#6c4818", "#946c24", "#b88c30", "#d8ac44", "#f0d068"])
_HALO = oklab(["#b88420", "#d8a42c", "#ecc03c", "#f8dc6c"])
_ROBE = oklab(["#a87820", "#c8982c", "#e0b43c", "#f0d060"])
_DRESS = oklab(["#b88428", "#d8a838", "#eac458", "#f4dc84"])
_SPIRAL = oklab(["#f8e488", "#fff4b8"])
_BLACKS = oklab(["#14100c", "#14100c", "#f0e8d4", "#8c8c88", "#1c1410", "#c8c0ac", "#e8c454", "#5c4c34"])
_MEADOW = oklab(["#142c18", "#24481c", "#3c682c", "#64903c", "#8cac4c"])
_BLOOMS = (
    tuple( oklab(names) for names in ( ["#c8283c", "#f0e0c0", "#e86c4c", "#f8d84c"], ["#2c4ca0", "#8cb4e0",
    "#1c2c6c", "#f4ecd8"], ["#7c3c94", "#d8a8d8", "#4c2470", "#f4d45c"], ["#2c7c5c", "#b0d8a0", "#1c4c3c",
    "#f0a43c"], ["#e8842c", "#f8e0a0", "#c83c2c", "#2c3c8c"], ["#d85484", "#f8d0d8", "#a02c5c", "#fff4d0"], ) )
)  # fmt: skip
_LEAF = oklab(["#3c742c", "#6ca03c"])
_SKIN = oklab(["#b08464", "#d8b08c", "#ecd0b0", "#f8e8d4"])
_MALE = oklab(["#8c5c38", "#ac7c50", "#c89c70"])
_MAN_HAIR = oklab(["#100c0c", "#241814", "#3c281c"])
_HAIR = oklab(["#6c2c14", "#94441c", "#bc6830", "#d88c48"])
_LINE = oklab(["#3c2010", "#5c3418"])
_LIPS = oklab(["#a82c2c", "#d04c44"])

_HALO_AT = (
    (326, 846), (292, 720), (280, 580), (284, 430), (298, 300), (330, 190), (388, 106), (462, 60), (540, 58),
    (608, 94), (656, 170), (688, 280), (708, 420), (720, 560), (724, 700), (706, 820), (600, 850), (450, 850),
)  # fmt: skip
_ROBE_AT = (
    (432, 168), (386, 214), (346, 296), (322, 420), (314, 560), (328, 700), (362, 796), (430, 838), (520, 840),
    (640, 830), (690, 760), (694, 600), (684, 440), (664, 320), (632, 240), (590, 226), (540, 250), (490, 220),
)  # fmt: skip
_DRESS_AT = (
    (520, 310), (566, 292), (616, 330), (652, 430), (668, 560), (668, 690), (650, 800), (596, 838), (524, 836),
    (540, 750), (524, 650), (506, 550), (494, 450), (500, 370),
)  # fmt: skip
_MEADOW_AT = (
    (-20, 800), (100, 772), (220, 764), (320, 752), (420, 790), (560, 824), (690, 834), (770, 846), (806, 892),
    (790, 950), (720, 1020), (-20, 1020),
)  # fmt: skip
_MAN_HEAD = ((440, 150), (452, 110), (488, 88), (528, 96), (548, 126), (544, 160), (520, 186), (480, 200), (448, 186))
_MAN_NECK = ((440, 176), (470, 180), (496, 190), (490, 214), (460, 220), (432, 208))
_WOMAN_HAIR = (
    (520, 150), (556, 132), (600, 150), (624, 190), (628, 236), (600, 262), (566, 262), (540, 236), (520, 200),
)  # fmt: skip
_FACE = ((508, 186), (530, 164), (562, 162), (590, 182), (598, 212), (584, 240), (556, 250), (528, 238), (510, 214))
_ARMS = (  # his hands at her face, her arm about his neck and her hand on his
    (Tongue([(470, 250), (506, 250), (534, 236), (548, 220)], (5, 16, 14, 11, 5)), 0), (Tongue([(640, 300),
    (628, 262), (606, 236), (588, 226)], (5, 18, 16, 12, 5)), 0), (Tongue([(560, 320), (524, 300), (486, 262),
    (470, 220)], (18, 16, 12, 8)), 1), (Tongue([(610, 330), (584, 296), (560, 268), (548, 250)], (5, 20, 18, 13,
    6)), 1),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Gilds the ground, then works from the meadow to the robes and last to the faces."""
    gild(canvas, np.ones(_SHAPE, bool), _DUSK, 21, rng)
    for place in places(np.ones(_SHAPE, bool), 62, rng):
        scroll(canvas, place, rng.uniform(5, 13), _DUSK[3:], rng)
    _plant_meadow(canvas, rng)
    halo, robe, dress = (inside(_SHAPE, outline) for outline in (_HALO_AT, _ROBE_AT, _DRESS_AT))
    gild(canvas, halo, _HALO, 13, rng)
    for place in places(halo & ~robe, 25, rng):
        scroll(canvas, place, 10, _SPIRAL, rng)
    gild(canvas, robe, _ROBE, 11, rng)
    _ornament_robe(canvas, robe & ~dress, rng)
    _ornament_dress(canvas, dress, rng)
    for outline in (_HALO_AT, _ROBE_AT, _DRESS_AT):
        line(canvas, outline, _LINE, 3.5, rng, closed=True)
    _hang_vines(canvas, rng)
    _paint_heads(canvas, rng)


def _plant_meadow(canvas: Canvas, rng: Generator) -> None:
    meadow = inside(_SHAPE, _MEADOW_AT)
    field, tone = combed(
        _SHAPE, [Guide([(x, 740), (x + 30, 860), (x, 1010)], (0.2, 0.7, 0.4)[x // 40 % 3]) for x in range(0, 840, 40)]
    )
    work(canvas, Area(meadow, field, tone, _MEADOW), Hand(width=6, length=26, tone=0.2), rng, accents=0.8)
    for place in places(meadow, 15, rng):
        if rng.random() < 0.4:
            line(canvas, [place, np.add(place, (3, -8)), np.add(place, (-2, -15))], _LEAF, 5, rng)
        rosette(canvas, place, rng.uniform(4.5, 10.5), _BLOOMS[rng.integers(len(_BLOOMS))], rng)


def _ornament_robe(canvas: Canvas, robe: Mask, rng: Generator) -> None:
    """Black, white and silver blocks below, smaller ones above, gold spirals between."""
    blocks(canvas, robe, _BLACKS, 21, 0.03, rng)
    for place in places(robe, 46, rng):
        scroll(canvas, place, rng.uniform(8, 15), _SPIRAL, rng)


def _ornament_dress(canvas: Canvas, dress: Mask, rng: Generator) -> None:
    """Wavy gold, rosettes in clusters, and their small beads."""
    gild(canvas, dress, _DRESS, 9, rng)
    for k in range(9):
        x = 512 + 19 * k
        wave = [(x + 9 * (-1) ** j + 0.02 * k * j, 300 + 34 * j) for j in range(16)]
        kept = [point for point in wave if dress[int(point[1]), int(point[0])]]
        if len(kept) > 3:
            line(canvas, kept, _SPIRAL if k % 2 else _LINE, 3, rng)
    for place in places(dress, 27, rng):
        rosette(canvas, place, rng.uniform(9, 19), _BLOOMS[rng.integers(len(_BLOOMS))], rng)


def _hang_vines(canvas: Canvas, rng: Generator) -> None:
    """Golden tendrils with leaves that fall from the edge of the meadow at her feet."""
    foot = Tongue([(640, 822), (690, 834), (742, 846)], (16, 15, 7))
    _flesh(canvas, foot, _SKIN, rng)
    for k in range(7):
        x = 560 + 34 * k
        stem = [(x - 20, 826), (x, 868), (x - 10, 910), (x + 6, 960 - 8 * (k % 3))]
        line(canvas, stem, _HALO, 4, rng)
        for at in curve(stem)[8::9]:
            for side in (-9, 9):
                line(canvas, [at, np.add(at, (side, -6)), np.add(at, (1.6 * side, 2))], _HALO[1:], 5, rng)


def _paint_heads(canvas: Canvas, rng: Generator) -> None:
    """His head bent over her face, her hair with flowers, and the hands."""
    _patch(canvas, _MAN_NECK, _MALE, [(430, 200), (500, 215)], rng)
    _patch(canvas, _WOMAN_HAIR, _HAIR, [(530, 160), (590, 170), (620, 230)], rng)
    _patch(canvas, _FACE, _SKIN, [(510, 200), (560, 190), (600, 215)], rng)
    _paint_face(canvas, rng)
    for arm, fair in _ARMS:
        _flesh(canvas, arm, _SKIN if fair else _MALE, rng)
    _patch(canvas, _MAN_HEAD, _MAN_HAIR, [(445, 160), (480, 110), (540, 120)], rng)
    for turn in np.linspace(np.pi, 2 * np.pi, 8):
        x, y = 496 + 48 * np.cos(turn), 142 + 50 * np.sin(turn)
        line(canvas, [(x, y), (x + 8, y - 5), (x + 14, y + 2)], _LEAF, 6, rng)
    for at in ((552, 146), (580, 152), (604, 172), (616, 200), (612, 232), (590, 250)):
        rosette(canvas, np.array(at), 6.5, _BLOOMS[(at[0] // 7) % len(_BLOOMS)], rng)


def _paint_face(canvas: Canvas, rng: Generator) -> None:
    """Closed eyes, a nose, a mouth, on a face that lies on its side."""
    for dx, dy in ((0, 0), (-6, 30)):
        line(canvas, [(548 + dx, 186 + dy), (556 + dx, 192 + dy), (557 + dx, 202 + dy)], _LINE, 3.6, rng)
        line(canvas, [(562 + dx, 182 + dy), (569 + dx, 190 + dy), (570 + dx, 202 + dy)], _HAIR[:2], 2.4, rng)
    line(canvas, [(560, 208), (542, 209), (534, 212), (535, 205)], _LINE, 2.4, rng)
    line(canvas, [(525, 200), (523, 206), (525, 213)], _LIPS, 4.5, rng)
    line(canvas, [(538, 180), (544, 176)], oklab(["#e89884"]), 8, rng)
    line(canvas, _FACE, _LINE, 2, rng, closed=True)


def _flesh(canvas: Canvas, limb: Tongue, colours: Array, rng: Generator) -> None:
    strands = [Guide(limb.side(u), tone) for u, tone in ((-0.8, 0.9), (0, 0.6), (0.8, 0.2))]
    work(canvas, Area(limb.mask(_SHAPE), *combed(_SHAPE, strands), colours), Hand(width=5, length=26), rng)
    for edge in (-1, 1):
        line(canvas, limb.side(edge), _LINE, 2, rng)


def _patch(canvas: Canvas, outline: Points, colours: Array, lie: Points, rng: Generator) -> None:
    """A smooth shape whose strokes run along ``lie``, with a thin contour."""
    path = np.asarray(lie, dtype=float)
    guides = [Guide(path + np.array([0, 16 * k]), (0.25, 0.6, 0.9, 0.6, 0.3)[k + 2]) for k in range(-2, 3)]
    field, tone = combed(_SHAPE, guides)
    work(canvas, Area(inside(_SHAPE, outline), field, tone, colours), Hand(width=5, length=28), rng)
    line(canvas, outline, _LINE, 2, rng, closed=True)
