import struct
from pathlib import Path

import pytest

from nst.errors import ImageError
from nst.pictures.video_guard import check_mp4, demuxer


def box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", 8 + len(body)) + kind + body


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def track(handler: bytes, samples: int, *entry: int, edits: int = 1) -> bytes:
    """A track of so many samples, of which each lasts as ``entry`` says: (count, ticks)."""
    return box(
        b"trak",
        box(b"elst", numbers(0, edits)),
        box(b"hdlr", bytes(8), handler, bytes(12)),
        box(b"stts", numbers(0, 1, *entry)),
        box(b"stsz", numbers(0, 1, samples)),
    )


def refused(tmp_path: Path, *boxes: bytes) -> bool:
    path = tmp_path / "clip.mp4"
    path.write_bytes(box(b"ftyp", b"isom", bytes(4)) + b"".join(boxes))
    try:
        with path.open("rb") as file:
            check_mp4(file)
    except ImageError:
        return True
    return False


def test_honest_tracks_pass(tmp_path: Path) -> None:
    video, sound = track(b"vide", 18_000, 18_000, 512), track(b"soun", 14_400_000, 14_400_000, 1)
    assert not refused(tmp_path, box(b"moov", video, sound), box(b"mdat", track(b"vide", 10**9, 10**9, 1)))


@pytest.mark.parametrize(
    "boxes",
    [
        box(b"moov", track(b"vide", 50_000_000, 50_000_000, 1)),
        box(b"moov", track(b"soun", 50_000_000, 50_000_000, 2)),
        box(b"moov", track(b"vide", 18_000, 18_000, 512, edits=1000)),
        box(b"moov", track(b"soun", 9, 9, 1), track(b"vide", 50_000_000, 50_000_000, 1)),
        box(b"mdat", bytes(40)) + box(b"moof", box(b"trun", numbers(0, 50_000_000))),
        box(b"moov", box(b"cmov", bytes(40))),
        box(b"free", bytes(8)) * 50_001,
    ],
)
def test_headers_that_claim_more_than_a_clip_has_are_refused(tmp_path: Path, boxes: bytes) -> None:
    assert refused(tmp_path, boxes)


@pytest.mark.parametrize("head", [b"#EXTM3U\n", b"ffconcat version 1.0\n", b"v=0\r\n", b"OggS", b"FLV\1", b""])
def test_other_containers_are_never_opened(head: bytes) -> None:
    """Some of them name further files, which FFmpeg would fetch."""
    with pytest.raises(ImageError, match="not a clip of a kind that can be read"):
        demuxer(head + bytes(64))
