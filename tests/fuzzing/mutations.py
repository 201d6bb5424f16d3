"""Picture files of every format that is read, and changes to them that keep most of a file's structure."""

import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from tests.pictures.making import encoded, noise, quadrants, swapped_profile, turned

#: Where the parts of a file begin: chunks, segments, boxes, directory entries, or fields of a header.
_PARTS = {
    "JPEG": rb"\xff[\xc0-\xfe]",
    "PNG": rb"....(IHDR|PLTE|tRNS|iCCP|gAMA|cHRM|sRGB|cICP|eXIf|tEXt|acTL|fcTL|fdAT|IDAT|IEND)",
    "WebP": rb"RIFF|VP8[ LX]|ALPH|ANIM|ANMF|ICCP|EXIF|XMP ",
    "GIF": rb"[!,;]",
    "BMP": rb"..",
    "TIFF": rb".[\x00\x01\x02\x83-\x88][\x01-\x12]\x00",
    "AVIF": rb"....(ftyp|meta|hdlr|pitm|iloc|iinf|infe|iref|iprp|ipco|ispe|pixi|av1C|colr|irot|imir|auxC|ipma|mdat)",
    "HEIC": rb"....(ftyp|meta|hdlr|pitm|iloc|iinf|infe|iref|iprp|ipco|ispe|pixi|hvcC|colr|irot|imir|auxC|ipma|mdat)",
}
_NUMBERS = st.sampled_from([0, 1, 2, 3, 8, 16, 127, 128, 255, 256, 65_535, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(
    0, 2**32 - 1
)


def seeds(kind: str) -> list[bytes]:
    """Small files of one format, each with other parts."""
    rgb, alpha = Image.fromarray(noise(40, 24)), Image.fromarray(np.dstack([quadrants(), quadrants()[..., :1]]))
    palette, grey = rgb.quantize(16), rgb.convert("L")
    animated = {"save_all": True, "append_images": [rgb, rgb]}
    profile = {"icc_profile": swapped_profile()}
    variants: dict[str, list[tuple[Any, dict[str, Any]]]] = {
        "JPEG": [(rgb, {"progressive": True, "exif": turned(6)}), (rgb.convert("CMYK"), {}), (grey, profile)],
        "PNG": [(alpha, profile), (palette, {"transparency": 3, "exif": turned(8)}), (rgb, animated)],
        "WebP": [(rgb, {"exif": turned(5)}), (alpha, {"lossless": True, **profile}), (rgb, animated)],
        "GIF": [(palette, {"transparency": 1, "comment": b"words"}), (palette, animated | {"loop": 0})],
        "BMP": [(palette, {}), (grey, {}), (alpha, {}), (rgb.convert("1"), {})],
        "TIFF": [
            *((rgb, {"compression": name}) for name in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg", "tiff_ccitt")),
            (rgb.convert("1"), {"compression": "group4"}),
            (rgb.convert("F"), {}),
            (alpha, {"big_tiff": True, **profile}),
        ],
        "AVIF": [(alpha, {"exif": turned(6)}), (rgb, animated)],
        "HEIC": [(rgb, {"exif": turned(6)}), (alpha, {})],
    }
    files = [encoded(rgb, kind)]
    for image, options in variants[kind]:
        if options.get("compression") == "tiff_ccitt":
            image = image.convert("1")
        files.append(encoded(image, kind, **options))
    return files


@st.composite
def mutated(draw: st.DrawFn, kind: str, files: st.SearchStrategy[bytes]) -> bytes:
    """One of the files, with a few of its parts left out, repeated, moved, cut or overwritten."""
    data = draw(files)
    cuts = [match.start() for match in re.finditer(_PARTS[kind], data[:20_000], re.DOTALL)]
    parts = [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(parts) - 1))
        draw(st.sampled_from(_CHANGES))(draw, parts, at)
    changed = bytearray(b"".join(parts))
    if kind == "PNG" and draw(st.booleans()):
        mend_checksums(changed)
    return bytes(changed)


def _leave_out(_draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    parts[at] = b""


def _repeat(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    parts[at] *= min(draw(st.sampled_from([2, 3, 300])), 1 + 100_000 // (len(parts[at]) + 1))


def _swap(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    other = draw(st.integers(0, len(parts) - 1))
    parts[at], parts[other] = parts[other], parts[at]


def _cut(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    parts[at] = parts[at][: draw(st.integers(0, len(parts[at])))]


def _end(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    parts[at + 1 :] = []
    _cut(draw, parts, at)


def _overwrite_number(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    size, order = draw(st.sampled_from([1, 2, 4])), draw(st.sampled_from(["little", "big"]))
    number = draw(_NUMBERS) % 2 ** (8 * size)
    _overwrite(draw, parts, at, number.to_bytes(size, order))


def _overwrite_bytes(draw: st.DrawFn, parts: list[bytes], at: int) -> None:
    _overwrite(draw, parts, at, draw(st.binary(min_size=1, max_size=8)))


def _overwrite(draw: st.DrawFn, parts: list[bytes], at: int, new: bytes) -> None:
    start = (
        draw(st.integers(0, min(40, len(parts[at])))) if draw(st.booleans()) else draw(st.integers(0, len(parts[at])))
    )
    parts[at] = parts[at][:start] + new + parts[at][start + len(new) :]


_CHANGES: tuple[Callable[[st.DrawFn, list[bytes], int], None], ...] = (
    _overwrite_number, _overwrite_number, _overwrite_bytes, _leave_out, _repeat, _swap, _cut, _end,
)  # fmt: skip


def mend_checksums(png: bytearray) -> None:
    """Write the right checksum behind each chunk, so that wrong ones do not hide what comes after them."""
    at = 8
    while at + 12 <= len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4])
        if end + 4 <= len(png):
            png[end : end + 4] = zlib.crc32(png[at + 4 : end]).to_bytes(4)
        at = end + 4
