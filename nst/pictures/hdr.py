"""HDR video (BT.2100 PQ and HLG) to sRGB: highlights are compressed, all below is as it was.

Sources: ITU-R BT.2100-2 tables 4 and 5 (the curves), BT.2408 (reference white at 203 cd/m2), BT.2390-11 section 5.4.1
(the compression, from 1000 cd/m2 to reference white), BT.2087 (the primaries).
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from nst.steps import Picture

#: The codes of the transfer functions in video. Source: ITU-T H.273, table 3.
PQ, HLG = 16, 18

_PEAK, _WHITE = 1000.0, 203.0
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_STEPS = 4096

Floats = npt.NDArray[np.floating]


def hdr_to_srgb(signal: npt.NDArray[np.uint16], transfer: int) -> Picture:
    """Tone-map a frame of HDR video.

    Hues are kept: what is compressed is the largest of the three values, and the others shrink with it.

    Args:
        signal: uint16 (H, W, 3), R'G'B' of BT.2020 from 0 to 65535.
        transfer: PQ or HLG.

    Returns:
        uint8 (H, W, 3), sRGB.
    """
    light = _linear(transfer)[signal >> 4]
    if transfer == HLG:  # the display's gamma of 1.2 acts on the luminance
        light *= _PEAK * (light @ _LUMINANCE)[..., None] ** 0.2
    light = np.maximum(light @ _BT2020_TO_BT709.T, 0)
    peak = light.max(axis=-1, keepdims=True)
    light *= _compressed(peak) / np.maximum(_WHITE * peak, 1e-6)
    return _srgb()[(np.sqrt(light.clip(0, 1)) * (_STEPS - 1) + 0.5).astype(np.uint16)]


@cache
def _linear(transfer: int) -> npt.NDArray[np.float32]:
    """Light by the upper 12 bits of the signal: cd/m2 of PQ; of HLG, that of the scene from 0 to 1."""
    signal = np.arange(_STEPS) / (_STEPS - 1)
    if transfer == PQ:
        return _pq_light(signal).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)


def _pq_light(signal: Floats) -> Floats:
    root = signal ** (1 / _M2)
    return 10_000 * (np.maximum(root - _C1, 0) / (_C2 - _C3 * root)) ** (1 / _M1)


def _pq_signal(light: Floats) -> Floats:
    root = (light / 10_000) ** _M1
    return ((_C1 + _C2 * root) / (1 + _C3 * root)) ** _M2


@cache
def _curve() -> tuple[Floats, Floats]:
    """Square roots of cd/m2 and the cd/m2 that they become: BT.2390's Hermite spline above its knee."""
    light = np.linspace(0, _PEAK**0.5, _STEPS) ** 2
    top = _pq_signal(np.array(_PEAK))
    signal, white = _pq_signal(light) / top, _pq_signal(np.array(_WHITE)) / top
    knee = 1.5 * white - 0.5
    t = (signal - knee) / (1 - knee)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white
    return np.sqrt(light), _pq_light(np.where(signal < knee, signal, spline) * top)


def _compressed(light: Floats) -> Floats:
    return np.interp(np.sqrt(light), *_curve()).astype(np.float32)


@cache
def _srgb() -> Picture:
    """sRGB values by the square root of light. Source: IEC 61966-2-1."""
    light = np.linspace(0, 1, _STEPS) ** 2
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)
