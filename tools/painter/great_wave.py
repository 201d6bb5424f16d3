"""A study after Katsushika Hokusai's The Great Wave off Kanagawa (about 1831)."""

import numpy as np
from numpy.random import Generator

from tools.painter.canvas import Canvas
from tools.painter.cartoon import Cartoon, mottle
from tools.painter.colour import oklab
from tools.painter.flow import Array, Points, curve, inside
from tools.painter.woodblock import claws, fringe, printed, scattered, striped

WIDTH, HEIGHT, SEED, GROUND = 1000, 685, 1831, "#d8cba8"
_SHAPE = (HEIGHT, WIDTH)

_CREAM, _TEAL, _BLUE, _DEEP, _LINE = "#ece4c4", "#7fb3ad", "#2c6690", "#132c5c", "#14264a"
_TAN, _STRAW, _SKIN = "#c9924c", "#e2bb78", "#e8cfa4"
_SKY = oklab(["#c8b78e", "#d6c8a2", "#d9cfb0", "#cfc8b2", "#b9b5a6", "#8f8c80", "#5c5a56"])

_WAVE = (
    (-11, 191), (0, 184), (25, 164), (49, 139), (79, 123), (109, 101), (142, 82), (164, 72), (188, 59), (218, 51),
    (251, 49), (272, 44), (302, 45), (327, 53), (354, 61), (382, 71), (403, 84), (419, 101), (431, 123), (458, 134),
    (485, 147), (491, 169), (480, 196), (469, 218), (436, 214), (403, 207), (376, 195), (354, 188), (334, 199),
    (322, 213), (315, 234), (312, 262), (319, 294), (332, 322), (349, 346), (371, 368), (392, 384), (425, 414),
    (436, 491), (272, 545), (-11, 545),
)  # fmt: skip
_FACE = (
    (137, 147), (164, 143), (183, 131), (207, 112), (234, 116), (262, 107), (289, 101), (308, 116), (327, 136),
    (338, 153), (357, 159), (352, 174), (354, 188), (334, 199), (322, 213), (315, 234), (312, 262), (319, 294),
    (332, 322), (349, 346), (371, 368), (392, 384), (425, 414), (382, 491), (164, 469), (-11, 436), (-11, 251),
    (33, 240), (109, 240), (164, 229), (229, 223), (196, 202), (164, 185), (143, 174),
)  # fmt: skip
_STRIPES = (
    ((384, 379), (332, 322), (314, 262), (322, 218), (354, 180)),
    ((305, 338), (289, 294), (272, 234), (289, 180), (332, 144)),
    ((218, 349), (218, 283), (223, 218), (245, 158), (305, 123)),
    ((136, 360), (147, 294), (164, 229), (180, 174), (218, 125)),
    ((100, 355), (118, 305), (140, 240), (164, 186), (196, 132)),
)
_MIDDLE = (
    (-11, 202), (33, 207), (76, 202), (136, 210), (191, 210), (245, 229), (283, 238), (299, 247), (272, 253),
    (245, 250), (218, 262), (185, 252), (164, 266), (143, 283), (164, 305), (183, 322), (153, 319), (120, 297),
    (93, 316), (65, 316), (60, 283), (38, 252), (-11, 248),
)  # fmt: skip
_PATCHES = (
    ((22, 207), (55, 199), (86, 204), (71, 218), (87, 240), (82, 267), (60, 256), (33, 234), (11, 223)),
    ((98, 223), (117, 218), (131, 245), (158, 283), (142, 305), (109, 283), (104, 251)),
    ((147, 215), (180, 218), (218, 234), (207, 245), (169, 234)),
    ((234, 229), (267, 235), (275, 245), (245, 246)),
    ((136, 150), (164, 117), (185, 104), (218, 102), (213, 112), (185, 128), (164, 143)),
    ((240, 90), (272, 84), (294, 63), (327, 57), (349, 76), (376, 82), (365, 93), (332, 84), (305, 95), (262, 106)),
)
_FRONT = (
    (-11, 422), (33, 409), (76, 410), (114, 401), (147, 382), (174, 376), (207, 349), (223, 332), (240, 319),
    (256, 313), (272, 322), (294, 327), (311, 328), (327, 349), (349, 362), (382, 376), (414, 401), (436, 413),
    (480, 424), (545, 436), (643, 463), (730, 459), (818, 436), (899, 414), (1014, 392), (1014, 703), (-11, 703),
)  # fmt: skip
_FRONT_PATCHES = (
    ((16, 447), (49, 436), (60, 463), (33, 480), (11, 469)), ((98, 431), (136, 414), (164, 458), (153, 480),
    (109, 474), (104, 447)), ((164, 436), (202, 420), (229, 436), (283, 431), (327, 420), (376, 431), (327, 452),
    (283, 463), (240, 474), (180, 463)), ((22, 493), (71, 485), (131, 480), (180, 501), (234, 485), (283, 507),
    (305, 550), (218, 534), (164, 523), (87, 507)), ((256, 376), (272, 366), (279, 376), (267, 384)),
)  # fmt: skip
_SWELLS = (
    ((-11, 474), (33, 463), (60, 461), (71, 491), (55, 507), (98, 504), (142, 523), (164, 556), (229, 540),
    (240, 501), (262, 493), (305, 518), (327, 567), (414, 616), (545, 643), (708, 649), (1014, 610), (1014, 703),
    (-11, 703)), ((305, 455), (327, 452), (376, 480), (436, 523), (523, 556), (654, 572), (818, 556), (1014, 507),
    (1014, 578), (818, 610), (654, 616), (518, 605), (414, 567), (338, 518), (311, 480)),
)  # fmt: skip
_VALLEYS = (
    ((332, 357), (360, 382), (392, 398), (414, 431), (452, 469), (518, 491), (627, 507), (545, 510), (463, 496),
    (403, 469), (382, 431), (354, 392)), ((382, 428), (403, 425), (441, 463), (491, 485), (545, 493), (469, 488),
    (414, 463)), ((431, 422), (452, 425), (491, 463), (550, 482), (632, 491), (545, 493), (480, 480), (447, 452)),
    ((469, 428), (491, 431), (534, 458), (589, 474), (681, 482), (589, 488), (523, 474), (485, 452)), ((523, 436),
    (572, 450), (627, 466), (719, 473), (807, 452), (872, 436), (818, 463), (730, 488), (627, 482), (567, 463)),
    ((752, 491), (818, 474), (899, 436), (1014, 414), (1014, 436), (916, 463), (828, 496), (763, 507)), ((681, 523),
    (818, 518), (927, 485), (1014, 452), (1014, 485), (927, 512), (818, 540), (708, 545)),
)  # fmt: skip
_LIP = (
    (330, 62), (380, 78), (418, 102), (440, 136), (490, 150), (512, 178), (496, 214), (456, 224), (410, 206),
    (366, 186), (338, 158), (318, 120), (296, 92),
)  # fmt: skip
_FRINGES = (  # where claws hang, how they point at both ends (turns, 0 right, 0.25 down), their size
    (((138, 158), (174, 130), (212, 116), (262, 102), (300, 104), (330, 130)), 0.34, 0.12, 21), (((186, 196),
    (226, 216), (270, 232), (300, 246)), 0.28, 0.08, 17), (((-5, 262), (46, 268), (64, 312), (100, 316)), 0.28, 0.2,
    24), (((112, 304), (140, 284), (176, 262), (214, 268), (250, 258), (292, 254)), 0.26, 0.1, 18), (((120, 300),
    (150, 318), (176, 330)), 0.25, 0.1, 21), (((150, 440), (190, 420), (222, 400), (262, 380)), 0.9, 0.95, 20),
    (((-5, 470), (40, 480), (70, 510), (130, 512), (166, 540)), 0.3, 0.15, 28), (((170, 470), (214, 484),
    (250, 500), (300, 480), (330, 440)), 0.3, 0.1, 25), (((230, 520), (250, 500), (290, 512), (320, 546)), 0.3, 0.1,
    25), (((860, 440), (900, 424), (950, 410), (1000, 392)), 0.55, 0.6, 20), (((330, 560), (400, 606), (500, 634),
    (620, 644)), 0.75, 0.8, 22), (((700, 640), (800, 622), (900, 600), (1000, 580)), 0.75, 0.7, 22),
)  # fmt: skip
_BOATS = (  # the upper edge from prow to stern, then the keel back to the prow
    (((-10, 346), (40, 352), (100, 366), (164, 374)), ((130, 398), (90, 410), (40, 410), (-10, 404))), (((472, 392),
    (560, 432), (680, 466), (800, 474), (880, 446)), ((872, 470), (800, 500), (680, 494), (550, 452))),
    (((326, 430), (352, 470), (404, 508), (490, 534), (600, 540), (700, 514)), ((690, 540), (600, 572), (480, 570),
    (390, 540), (346, 486))),
)  # fmt: skip
_FUJI = ((500, 470), (548, 438), (590, 402), (614, 376), (628, 366), (642, 376), (668, 402), (712, 438), (766, 470))
_SNOW = (
    (580, 411), (614, 376), (628, 366), (642, 376), (680, 412), (664, 404), (654, 422), (643, 404), (630, 428),
    (619, 404), (606, 420), (598, 404),
)  # fmt: skip


def paint(canvas: Canvas, rng: Generator) -> None:
    """Cuts the blocks from the sky to the spray and prints them on paper."""
    sheet = Cartoon(WIDTH, HEIGHT, GROUND, canvas.scale)
    _sky(sheet, rng)
    _boat(sheet, *_BOATS[1])
    _wave(sheet, rng)
    _boat(sheet, *_BOATS[0])
    _front(sheet, rng)
    _boat(sheet, *_BOATS[2])
    _spray(sheet, rng)
    printed(canvas, sheet, rng)


def _sky(sheet: Cartoon, rng: Generator) -> None:
    """A graded sky, darkest over the horizon, with two banks of cloud and the mountain."""
    y = np.linspace(0, 1, HEIGHT)[:, None] * np.ones((1, WIDTH))
    dusk = np.interp(y, [0, 0.1, 0.35, 0.52, 0.62, 0.68], [0.0, 0.2, 0.36, 0.55, 0.86, 1])
    sheet.shade(_SKY, dusk + 0.025 * mottle(_SHAPE, (300, 12), rng))
    cloud = mottle(_SHAPE, (420, 120), rng) + 2.2 * np.exp(-(((y - 0.24) / 0.14) ** 2)) - 1.2
    sheet.veil("#a9a08c", 0.55 * np.clip(cloud * 3, 0, 1) * (np.arange(WIDTH) > 380))
    sheet.area(_FUJI, "#5d7891", edge=_LINE, pen=1.6)
    sheet.veil("#27466f", inside(_SHAPE, _FUJI) * np.clip((y - 0.6) * 9, 0, 1))
    sheet.area(_SNOW, _CREAM, smooth=False)
    sheet.line(_FUJI, _LINE, 1.8)


def _wave(sheet: Cartoon, rng: Generator) -> None:
    """The great wave: pale back, dark face with bands that run up into the crest, foam with claws."""
    sheet.area(_WAVE, _CREAM, edge=_LINE, pen=2.4)
    sheet.area(_FACE, _DEEP)
    striped(sheet, _STRIPES, 13, _BLUE, 13, rng)
    sheet.area(_MIDDLE, _CREAM)
    for patch in _PATCHES:
        sheet.area(patch, _TEAL)
    for points, first, last, size in _FRINGES[:5]:
        fringe(sheet, points, (first, last), size, rng)
    lip = scattered(inside(_SHAPE, _LIP), 54, rng)
    turn = 0.02 + 0.16 * (lip[:, 1] - 60) / 160
    claws(sheet, lip[np.argsort(-lip[:, 0] - lip[:, 1])], turn, 33, rng)


def _front(sheet: Cartoon, rng: Generator) -> None:
    """The wave in front, which looks like the mountain, and the slopes that run to the right."""
    sheet.area(_FRONT, _CREAM, edge=_LINE, pen=2.4)
    for k, valley in enumerate(_VALLEYS):
        sheet.area(valley, (_TEAL, _DEEP, _BLUE)[k % 3], edge=_LINE, pen=1)
        low = curve(valley, closed=True)
        sheet.area(low[len(low) // 4 :: 2] + np.array([6, 5]), (_DEEP, _BLUE, _DEEP)[k % 3], smooth=False)
    for patch in _FRONT_PATCHES:
        sheet.area(patch, _TEAL)
    for swell in _SWELLS:
        sheet.area(swell, _DEEP, edge=_LINE, pen=1.5)
        _ripples(sheet, swell, rng)
    for points, first, last, size in _FRINGES[5:]:
        fringe(sheet, points, (first, last), size, rng)


def _ripples(sheet: Cartoon, swell: Points, rng: Generator) -> None:
    """Bands that follow the lie of a swell, from one end of its crest to the other."""
    crest = curve(swell[:-2])
    ends = crest[np.linspace(0, len(crest) - 1, 7).astype(int)]
    for k in range(1, 9):
        flat = ends * (1, 0.75) + (0, 0.25 * ends[:, 1].mean() + 17 * k)
        pen = rng.uniform(4, 8)
        sheet.line(
            flat + rng.normal(0, 3, flat.shape), (_BLUE, _BLUE, _TEAL)[k % 3], (0, pen, 1.5, pen, pen / 2, pen, 0)
        )


def _boat(sheet: Cartoon, deck: Points, keel: Points) -> None:
    """A long boat: hull, planks, a row of crouching rowers."""
    top, low = curve(deck), curve(keel)
    sheet.area(np.concatenate([top, low]), _TAN, smooth=False, edge=_LINE, pen=2)
    sheet.line(top + np.array([0, 6]), _STRAW, (2, 9, 9, 9, 2), smooth=False)
    sheet.line(top + np.array([0, 11]), _LINE, 1.4, smooth=False)
    for at in np.linspace(0.32, 0.78, 9):
        x, y = top[int(at * (len(top) - 1))]
        sheet.area(
            [(x - 8, y + 3), (x - 6, y - 7), (x + 2, y - 11), (x + 9, y - 4), (x + 9, y + 3)],
            _BLUE,
            edge=_LINE,
            pen=1.4,
        )
        sheet.oval(x - 5, y - 9, 4.2, 4.2, _LINE)
        sheet.oval(x - 5.4, y - 8.6, 3.2, 3.2, _SKIN)


def _spray(sheet: Cartoon, rng: Generator) -> None:
    """Drops thrown off the crest, thickest under the claws."""
    zone = inside(_SHAPE, ((330, 200), (420, 190), (560, 150), (560, 330), (500, 400), (400, 390), (330, 320)))
    drops: Array = np.concatenate([scattered(zone, 150, rng), scattered(inside(_SHAPE, _FACE), 230, rng)])
    for x, y in drops:
        size = rng.uniform(0.9, 3.4)
        sheet.oval(x, y, size, size * rng.uniform(0.8, 1.1), _CREAM)
