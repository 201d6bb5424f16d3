"""ICC profiles for colours that a file states in other ways: as codes (cICP, nclx) or as numbers (gAMA, cHRM)."""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import ImageCms

#: Profiles beyond this are ignored; the largest of printers have 2 MB.
MAX_PROFILE_BYTES = 8_000_000

_D65, _C, _E, _DCI = (0.3127, 0.329), (0.31, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_SRGB = (*_D65, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_SMPTE_170M = (*_D65, 0.63, 0.34, 0.31, 0.595, 0.155, 0.07)

#: (x, y) of white, red, green and blue by code. Source: ITU-T H.273, table 2.
_PRIMARIES: dict[int, tuple[float, ...]] = {
    1: _SRGB,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.6, 0.15, 0.06),
    6: _SMPTE_170M,
    7: _SMPTE_170M,
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (*_D65, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046),
    10: (*_E, 1, 0, 0, 1, 0, 0),
    11: (*_DCI, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    12: (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06),
    22: (*_D65, 0.63, 0.34, 0.295, 0.605, 0.155, 0.077),
}


def _tag_curve(gamma: float, *parameters: float) -> bytes:
    """The tag of x^gamma, or of ((a x + b)^gamma from d on, below it c x) with four parameters."""
    kind = 3 if parameters else 0
    return b"para" + struct.pack(">4x2H", kind, 0) + b"".join(_fixed(value) for value in (gamma, *parameters))


def _fixed(value: float) -> bytes:
    """ICC's s15Fixed16Number."""
    return struct.pack(">i", round(min(max(value, -32768), 32767) * 65536))


_SRGB_CURVE = _tag_curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
#: Of screens for video (BT.1886), which undo only roughly what cameras do.
_BT709_CURVE = _tag_curve(2.4)


def _shown_curve(*shown: int) -> bytes:
    """The tag of a curve by the sRGB values that evenly spaced values become."""
    values = np.array(shown) / 255
    dense = np.interp(np.linspace(0, 1, 1024), np.linspace(0, 1, len(values)), values)
    linear = np.where(dense <= 0.04045, dense / 12.92, ((dense + 0.055) / 1.055) ** 2.4)
    return b"curv" + struct.pack(">4xI", len(linear)) + (linear * 65535).round().astype(">u2").tobytes()


#: By code. Source: ITU-T H.273, table 3; the two of high dynamic range, PQ (16) and HLG (18), as Chromium shows their
#: greys on an ordinary screen.
_CURVES: dict[int, bytes] = {
    1: _BT709_CURVE,
    4: _tag_curve(2.2),
    5: _tag_curve(2.8),
    6: _BT709_CURVE,
    7: _tag_curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: _tag_curve(1),
    11: _BT709_CURVE,
    13: _SRGB_CURVE,
    14: _BT709_CURVE,
    15: _BT709_CURVE,
    16: _shown_curve(0, 1, 5, 15, 30, 48, 70, 98, 132, 175, 213, 237, 255, 255, 255, 255, 255),
    17: _tag_curve(2.6, (52.37 / 48) ** (1 / 2.6), 0, 0, 0),
    18: _shown_curve(0, 3, 14, 29, 43, 57, 71, 85, 99, 115, 135, 160, 189, 212, 228, 243, 255),
}

#: From the responses of the eye's cones to XYZ and back. Source: ICC.1:2022, annex E (Bradford).
_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])
#: Of version 4, the transform to sRGB would lighten blacks, which browsers do not.
_VERSION = 0x02400000


def profile_of_codes(primaries: int, transfer: int) -> bytes | None:
    """The profile of the colours that an AVIF or HEIC states in its nclx box; None for sRGB.

    What is unspecified or unknown is taken as in sRGB, and so, as in browsers, is the curve of video.

    Args:
        primaries, transfer: codes of ITU-T H.273.
    """
    curve = _CURVES.get(transfer, _SRGB_CURVE)
    curve = _SRGB_CURVE if curve == _BT709_CURVE else curve
    chromaticities = _PRIMARIES.get(primaries, _SRGB)
    return None if (chromaticities, curve) == (_SRGB, _SRGB_CURVE) else _profile(chromaticities, curve)


def profile_of_png(chunks: Mapping[bytes, bytes]) -> bytes | None:
    """The profile of a PNG's colours; None for sRGB.

    The first of cICP, iCCP, sRGB and gAMA that is valid counts; cHRM counts with gAMA only. Source: PNG 3.0, 4.3; where
    a chunk is not valid, what Chromium does.

    Args:
        chunks: by type, the first of each.
    """
    cicp = chunks.get(b"cICP", b"")
    if cicp[2:] == b"\0\1" and cicp[0] in _PRIMARIES and cicp[1] in _CURVES:
        return _profile(_PRIMARIES[cicp[0]], _CURVES[cicp[1]])
    profile = _inflated(chunks.get(b"iCCP", b""))
    if profile and is_usable(profile):
        return profile
    if chunks.get(b"sRGB", b"")[:1] in (b"\0", b"\1", b"\2", b"\3"):
        return None
    return _profile_of_gamma(chunks.get(b"gAMA", b""), chunks.get(b"cHRM", b""))


def is_usable(profile: bytes) -> bool:
    """Whether these bytes are a whole profile."""
    if int.from_bytes(profile[:4]) > len(profile):
        return False
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return False
    return True


def _inflated(iccp: bytes) -> bytes | None:
    """The profile in an iCCP chunk; None if it is damaged or too large."""
    _, _, packed = iccp.partition(b"\0")
    inflate = zlib.decompressobj()
    try:
        profile = inflate.decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if inflate.eof else None


def _profile_of_gamma(gama: bytes, chrm: bytes) -> bytes | None:
    gamma = int.from_bytes(gama[:4]) / 100_000
    if not gamma:
        return None
    if len(chrm) != 32:
        # The usual 0.45455 stands for sRGB.
        return None if abs(1 / gamma - 2.2) < 0.1 else _profile(_SRGB, _tag_curve(1 / gamma))
    return _profile([value / 100_000 for value in struct.unpack(">8I", chrm)], _tag_curve(1 / gamma))


def _profile(chromaticities: Sequence[float], curve: bytes) -> bytes | None:
    """The profile of a display; None if the chromaticities span no colours."""
    if not chromaticities[1]:
        return None
    try:
        return _packed(_tags(chromaticities, curve))
    except np.linalg.LinAlgError:
        return None


def _tags(chromaticities: Sequence[float], curve: bytes) -> dict[bytes, bytes]:
    """The colours of the primaries, adapted to ICC's white, and the curve."""
    x, y = np.array(chromaticities, float).reshape(4, 2).T
    corners = np.array([x, y, 1 - x - y])
    white = corners[:, 0] / y[0]
    matrix = corners[:, 1:] * np.linalg.solve(corners[:, 1:], white)
    adapted = np.linalg.inv(_CONES) @ np.diag(_CONES @ _D50 / (_CONES @ white)) @ _CONES @ matrix
    colours = (b"XYZ " + bytes(4) + b"".join(map(_fixed, column)) for column in adapted.T)
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    return dict(zip(names, colours, strict=True)) | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)


def _packed(tags: Mapping[bytes, bytes]) -> bytes:
    """A profile of these tags. Source: ICC.1:2022, 7."""
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">2I", start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    illuminant = b"".join(map(_fixed, _D50))
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x12s48x", start + len(body), _VERSION, b"mntr", b"RGB ", b"XYZ ", b"acsp", illuminant
    )
    return header + table + body


def srgb_profile() -> bytes:
    """sRGB itself, for the other side of a transform."""
    return _packed(_tags(_SRGB, _SRGB_CURVE))
