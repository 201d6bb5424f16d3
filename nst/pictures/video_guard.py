"""Checks of a video file before FFmpeg's libraries open it: its container is known, its header claims no wonders."""

import mmap
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from nst.errors import ImageError

#: FFmpeg's names of the demuxers and the first bytes of their files; the oldest QuickTime files have no ``ftyp``.
_SIGNATURES = {
    "mov": re.compile(rb".{4}(ftyp|moov|mdat|wide|free|skip|pnot)", re.DOTALL),
    "matroska": re.compile(rb"\x1aE\xdf\xa3"),
    "avi": re.compile(rb"RIFF.{4}AVI ", re.DOTALL),
}

#: How the names of their files end.
ENDINGS = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")

#: How much of a file tells its kind: an MP4 begins with a list of brands.
HEAD_BYTES = 4096

#: Samples in the tables of a track of an MP4: FFmpeg's index takes 76 bytes for each that is claimed.
_MAX_SAMPLES = 200_000
_MAX_BOXES = 50_000
_TRACK = re.compile(rb"trak")
_SIZES = re.compile(rb"stsz(?=.{8}(.{4}))", re.DOTALL)
_TIMES = re.compile(rb"stts(?=.{4}(.{12}))", re.DOTALL)
_EDITS = re.compile(rb"elst(?=.{4}(.{4}))", re.DOTALL)
_HANDLER = re.compile(rb"hdlr(?=.{8}(.{4}))", re.DOTALL)
_FRAGMENT = re.compile(rb"trun(?=.{4}(.{4}))", re.DOTALL)
#: One entry: any number of samples of one tick each, which is uncompressed sound and indexed by chunks.
_UNCOMPRESSED = re.compile(rb"\0\0\0\x01.{4}\0\0\0\x01", re.DOTALL)


def begins_like_video(head: bytes) -> bool:
    """Whether a file begins like one of the containers that are read; AVIF and HEIC begin like an MP4."""
    return any(signature.match(head) for signature in _SIGNATURES.values())


def demuxer(head: bytes) -> str:
    """FFmpeg's name of the container that a file begins with.

    Raises:
        ImageError: any other; FFmpeg would open lists of further files, too.
    """
    for name, signature in _SIGNATURES.items():
        if signature.match(head):
            return name
    kinds = "MP4, MOV, WebM, MKV, AVI, GIF, APNG, animated WebP"
    raise ImageError(f"This file is not a clip of a kind that can be read: {kinds}.")


def check_mp4(file: BinaryIO) -> None:
    """Refuse an MP4 or MOV whose header is compressed or claims more samples than any clip has.

    Raises:
        ImageError: it does.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start, stop in _header_boxes(data):
            tracks = [match.start() for match in _TRACK.finditer(data, start, stop)]
            samples = max(_samples(data, *part) for part in pairwise([start, *tracks, stop]))
            if samples > _MAX_SAMPLES or data.find(b"cmov", start, stop) >= 0:
                raise ImageError("This clip's header is damaged, or of a kind that is not read.")


def _header_boxes(data: mmap.mmap) -> Iterator[tuple[int, int]]:
    """(start, end) of each box but those of the pictures and sounds themselves."""
    stop = 0
    for _ in range(_MAX_BOXES):
        start = stop
        if start + 16 > len(data):
            return
        size = int.from_bytes(data[start : start + 4])
        size = int.from_bytes(data[start + 8 : start + 16]) if size == 1 else size
        stop = min(start + size, len(data)) if size >= 8 else len(data)
        if data[start + 4 : start + 8] != b"mdat":
            yield start, stop
    raise ImageError("This clip has too many parts.")


def _samples(data: mmap.mmap, start: int, stop: int) -> int:
    """How many entries FFmpeg's index would have for a track, each edit of which may show all of it, or a fragment."""

    def numbers(box: re.Pattern[bytes]) -> list[int]:
        return [int.from_bytes(number) for number in box.findall(data, start, stop)]

    handlers, times = _HANDLER.findall(data, start, stop), _TIMES.findall(data, start, stop)
    if b"soun" in handlers and b"vide" not in handlers and len(times) == 1 and _UNCOMPRESSED.match(times[0]):
        return 0
    return sum(numbers(_SIZES)) * max([1, *numbers(_EDITS)]) + sum(numbers(_FRAGMENT))
