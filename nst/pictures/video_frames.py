"""A decoded frame of video as a picture: upright, in square pixels, sRGB, over white."""

from fractions import Fraction
from functools import partial

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


def upright_size(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """(width, height) as shown, of pixels that are ``aspect`` times as wide as high; neither side loses pixels."""
    ratio = aspect or Fraction(1)
    size = max(1, round(frame.width * max(ratio, 1))), max(1, round(frame.height / min(ratio, 1)))
    return size[::-1] if _axes(frame)[0] else size


def upright_pixels(frame: VideoFrame, width: int, height: int) -> Picture:
    """The frame at this size, uint8 (height, width, 3), with HDR tone-mapped as in ``nst.pictures.hdr``."""
    swapped, left, up = _axes(frame)
    pixels = _srgb(frame, *((height, width) if swapped else (width, height)))
    if swapped:
        pixels = pixels.swapaxes(0, 1)
    return np.ascontiguousarray(pixels[:: -1 if up else 1, :: -1 if left else 1])


def _axes(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Whether rows and columns are to be swapped, and then be mirrored from left to right and upside down.

    Source: FFmpeg's libavutil/display.h: a pixel at (p, q) is shown at (a p + c q, b p + d q).
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False, False, False
    a, b, _, c, d = (int(number) for number in np.frombuffer(bytes(matrix), np.int32)[:5])
    swapped = abs(b) > abs(a)
    return (True, c < 0, b < 0) if swapped else (False, a < 0, d < 0)


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
