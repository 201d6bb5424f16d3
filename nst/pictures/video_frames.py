"""A decoded frame of video as a picture: upright, in square pixels, sRGB, over white."""

from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from PIL import Image

from nst.pictures.hdr import HLG, PQ, hdr_to_srgb
from nst.pictures.srgb import to_srgb
from nst.steps import Picture

_SCALING = Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
#: ITU-T H.273's code for what a video does not say.
_UNSPECIFIED = 2
#: From this height, players take a video that does not say so for BT.709.
_HD_HEIGHT = 720
_WIDE_GAMUTS = (ColorPrimaries.BT2020, ColorPrimaries.SMPTE431, ColorPrimaries.SMPTE432)


class Display(NamedTuple):
    """How a clip's frames are shown: their upright size in square pixels, and how they get upright.

    First, rows and columns are ``swapped``; then the frame is mirrored from left to right and upside down.
    """

    width: int
    height: int
    swapped: bool
    mirrored: bool
    flipped: bool


def display_of(frame: VideoFrame, aspect: Fraction | None) -> Display:
    """The display of a frame whose pixels are ``aspect`` times as wide as high; no side loses pixels.

    Ask it of one frame only: PyAV's side data keep their frame in memory until garbage is collected.

    Source: FFmpeg's libavutil/display.h: the pixel at (p, q) is shown at (a p + c q, b p + d q).
    """
    ratio = aspect or Fraction(1)
    width, height = max(1, round(frame.width * max(ratio, 1))), max(1, round(frame.height / min(ratio, 1)))
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Display(width, height, False, False, False)
    a, b, _, c, d = (int(number) for number in np.frombuffer(bytes(matrix), np.int32)[:5])
    if abs(b) > abs(a):
        return Display(height, width, True, c < 0, b < 0)
    return Display(width, height, False, a < 0, d < 0)


def upright_pixels(frame: VideoFrame, display: Display, size: tuple[int, int]) -> Picture:
    """The frame at this (width, height), uint8 (height, width, 3), with HDR tone-mapped as in ``nst.pictures.hdr``."""
    pixels = _srgb(frame, *(size[::-1] if display.swapped else size))
    if display.swapped:
        pixels = pixels.swapaxes(0, 1)
    return np.ascontiguousarray(pixels[:: -1 if display.flipped else 1, :: -1 if display.mirrored else 1])


def _srgb(frame: VideoFrame, width: int, height: int) -> Picture:
    if frame.colorspace == _UNSPECIFIED and frame.height >= _HD_HEIGHT:
        frame.colorspace = Colorspace.ITU709
    convert = partial(frame.reformat, width, height, interpolation=_SCALING, dst_color_range=ColorRange.JPEG, threads=1)
    if frame.color_trc in (PQ, HLG):
        return hdr_to_srgb(np.asarray(convert(format="rgb48le").to_ndarray(), np.uint16), frame.color_trc)
    if any(component.is_alpha for component in frame.format.components):
        return np.asarray(to_srgb(Image.fromarray(convert(format="rgba").to_ndarray()))[0])
    if frame.color_primaries in _WIDE_GAMUTS:
        # Browsers take all curves but those of HDR for sRGB's, so only the primaries are converted.
        frame.color_trc = ColorTrc.BT709
        convert = partial(convert, dst_color_primaries=ColorPrimaries.BT709, dst_color_trc=ColorTrc.BT709)
    return np.asarray(convert(format="rgb24").to_ndarray(), np.uint8)
